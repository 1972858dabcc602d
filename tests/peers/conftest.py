"""Libraries that nobody here wrote behind one small vocabulary, and the places where a story is played with them: the
default addresses in virtual time, real sockets, real sockets with TLS.
"""

import asyncio
import ssl
from dataclasses import dataclass

import aiohttp
import pytest
import trustme
import yarl

from discord_sim import FakeDiscord, Link, Settings, Simulation, World, start_discord
from framework import Bot, Intents, MessageCreate


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


@dataclass
class Place:
    """A fake that is not at the default addresses."""

    rest: str
    gateway: str
    trust: ssl.SSLContext | None


class Peer:
    """A bot. `heard` are the names of the events it was told, `messages` the ids of messages.

    It may be taught commands before it starts, and then register them: `/greet who` answers, `/whisper` does so
    ephemerally, `/think` defers and follows up, `/panel` shows a button `press`, `/form` a modal with the text input
    `said`. `done` are those it has answered.
    """

    name = ""
    banned: type[Exception]  # what a Cloudflare ban raises
    wrong_token: type[Exception]  # what a token that nobody has raises

    def __init__(self):
        self.heard, self.messages, self.done = [], [], []
        self.ready = asyncio.Event()

    async def start(self):
        """Run until ready; raises what the library raises before."""
        self._life = asyncio.create_task(self.live())
        ready = asyncio.create_task(self.ready.wait())
        await asyncio.wait({self._life, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not self.ready.is_set():
            ready.cancel()
            self._life.result()

    async def close(self):
        """Leave, whatever state the library is in."""
        await self.leave()
        await asyncio.wait({self._life}, timeout=60)


class DiscordPyLike(Peer):
    """discord.py, and disnake, which was made from it."""

    def __init__(self, client, token):
        super().__init__()
        self.client, self._token = client, token

        @client.event
        async def on_ready():
            self.ready.set()

        @client.event
        async def on_message(message):
            self.messages.append(message.id)

        @client.event
        async def on_socket_event_type(name):
            self.heard.append(name)

    async def live(self):
        await self.client.start(self._token)

    async def leave(self):
        await self.client.close()

    @property
    def guild_ids(self):
        return {guild.id for guild in self.client.guilds}

    def member_ids(self, guild_id):
        return {member.id for member in self.client.get_guild(guild_id).members}

    async def send(self, channel_id, text):
        return (await self.client.get_channel(channel_id).send(text)).id

    async def edit(self, channel_id, message_id, text):
        await self.client.get_channel(channel_id).get_partial_message(message_id).edit(content=text)

    async def react(self, channel_id, message_id, emoji):
        await self.client.get_channel(channel_id).get_partial_message(message_id).add_reaction(emoji)

    async def rename(self, channel_id, name):
        await self.client.get_channel(channel_id).edit(name=name)

    async def tell_the_gateway(self, op, data):
        await self.client.ws.send_as_json({"op": op, "d": data})


def discord_py():
    discord = pytest.importorskip("discord")

    class DiscordPy(DiscordPyLike):
        name = "discord.py"
        banned = discord.HTTPException
        wrong_token = discord.LoginFailure

        def __init__(self, token, place, patch):
            options = {}
            if place is not None:
                patch.setattr(discord.http.Route, "BASE", place.rest)
                patch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(place.gateway))
                options = {"connector": aiohttp.TCPConnector(ssl=place.trust or True)}
            super().__init__(discord.Client(intents=discord.Intents.all(), guild_ready_timeout=0.2, **options), token)

        def teach(self):
            self.tree = tree = discord.app_commands.CommandTree(self.client)
            done = self.done.append

            class Panel(discord.ui.View):
                @discord.ui.button(label="Press", custom_id="press")
                async def press(self, interaction, button):
                    await interaction.response.edit_message(content="pressed", view=None)
                    done("press")

            class Form(discord.ui.Modal, title="Form"):
                said = discord.ui.TextInput(label="Say", custom_id="said")

                async def on_submit(self, interaction):
                    await interaction.response.send_message(f"said {self.said.value}")
                    done("said")

            @tree.command(description="Answer")
            async def greet(interaction: discord.Interaction, who: str):
                await interaction.response.send_message(f"hello {who}")
                done("greet")

            @tree.command(description="Answer one alone")
            async def whisper(interaction: discord.Interaction):
                await interaction.response.send_message("psst", ephemeral=True)
                done("whisper")

            @tree.command(description="Answer late")
            async def think(interaction: discord.Interaction):
                await interaction.response.defer()
                await interaction.followup.send("thought")
                done("think")

            @tree.command(description="Show a button")
            async def panel(interaction: discord.Interaction):
                await interaction.response.send_message("panel", view=Panel())
                done("panel")

            @tree.command(description="Open a modal")
            async def form(interaction: discord.Interaction):
                await interaction.response.send_modal(Form())
                done("form")

        async def register(self):
            await self.tree.sync()

    return DiscordPy


def disnake():
    disnake = pytest.importorskip("disnake")
    from disnake.ext import commands

    class Disnake(DiscordPyLike):
        name = "disnake"
        banned = disnake.HTTPException
        wrong_token = disnake.LoginFailure

        def __init__(self, token, place, patch):
            options = {}
            if place is not None:
                patch.setattr(disnake.http.Route, "BASE", place.rest)
                options = {"connector": aiohttp.TCPConnector(ssl=place.trust or True)}
            client = commands.InteractionBot(intents=disnake.Intents.all(), guild_ready_timeout=0.2, **options)
            super().__init__(client, token)

        def teach(self):
            client, done = self.client, self.done.append

            class Panel(disnake.ui.View):
                @disnake.ui.button(label="Press", custom_id="press")
                async def press(self, button, interaction):
                    await interaction.response.edit_message("pressed", view=None)
                    done("press")

            class Form(disnake.ui.Modal):
                def __init__(self):
                    said = disnake.ui.Label("Say", disnake.ui.TextInput(custom_id="said"))
                    super().__init__(title="Form", components=[said])

                async def callback(self, interaction):
                    await interaction.response.send_message(f"said {interaction.text_values['said']}")
                    done("said")

            @client.slash_command(description="Answer")
            async def greet(interaction: disnake.CommandInteraction, who: str):
                await interaction.response.send_message(f"hello {who}")
                done("greet")

            @client.slash_command(description="Answer one alone")
            async def whisper(interaction: disnake.CommandInteraction):
                await interaction.response.send_message("psst", ephemeral=True)
                done("whisper")

            @client.slash_command(description="Answer late")
            async def think(interaction: disnake.CommandInteraction):
                await interaction.response.defer()
                await interaction.followup.send("thought")
                done("think")

            @client.slash_command(description="Show a button")
            async def panel(interaction: disnake.CommandInteraction):
                await interaction.response.send_message("panel", view=Panel())
                done("panel")

            @client.slash_command(description="Open a modal")
            async def form(interaction: disnake.CommandInteraction):
                await interaction.response.send_modal(Form())
                done("form")

        async def register(self):
            """It has done so by itself as it started."""
            await until(lambda: len(self.client.global_slash_commands) == 5)

    return Disnake


def hikari():
    hikari = pytest.importorskip("hikari")

    class Hikari(Peer):
        name = "hikari"
        banned = hikari.HTTPResponseError
        too_long = hikari.RateLimitTooLongError
        wrong_token = hikari.UnauthorizedError

        def __init__(self, token, place, patch):
            super().__init__()
            options = {} if place is None else {"rest_url": place.rest}
            if place is not None and place.trust is not None:
                options["http_settings"] = hikari.impl.HTTPSettings(ssl=place.trust)
            self.bot = hikari.GatewayBot(token, intents=hikari.Intents.ALL, banner=None, logs=None, **options)

            @self.bot.listen()
            async def on_anything(event: hikari.Event):
                """What nobody listens to is not even parsed."""

            @self.bot.listen()
            async def on_payload(event: hikari.ShardPayloadEvent):
                self.heard.append(event.name)

            @self.bot.listen()
            async def on_message(event: hikari.MessageCreateEvent):
                self.messages.append(event.message_id)

        def teach(self):
            @self.bot.listen()
            async def on_command(event: hikari.CommandInteractionCreateEvent):
                await self.answer(event.interaction)
                self.done.append(event.interaction.command_name)

            @self.bot.listen()
            async def on_press(event: hikari.ComponentInteractionCreateEvent):
                update = hikari.ResponseType.MESSAGE_UPDATE
                await event.interaction.create_initial_response(update, "pressed", components=[])
                self.done.append("press")

            @self.bot.listen()
            async def on_submit(event: hikari.ModalInteractionCreateEvent):
                said = event.interaction.components[0].components[0].value
                await event.interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, f"said {said}")
                self.done.append("said")

        async def answer(self, interaction):
            message = hikari.ResponseType.MESSAGE_CREATE
            match interaction.command_name:
                case "greet":
                    await interaction.create_initial_response(message, f"hello {interaction.options[0].value}")
                case "whisper":
                    await interaction.create_initial_response(message, "psst", flags=hikari.MessageFlag.EPHEMERAL)
                case "think":
                    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
                    await interaction.execute("thought")
                case "panel":
                    row = self.bot.rest.build_message_action_row()
                    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
                    await interaction.create_initial_response(message, "panel", component=row)
                case "form":
                    row = self.bot.rest.build_modal_action_row().add_text_input("said", "Say")
                    await interaction.create_modal_response("Form", "form", component=row)

        async def live(self):
            await self.bot.start(check_for_updates=False)
            self.ready.set()
            await self.bot.join()

        async def leave(self):
            if self.bot.is_alive:  # it closes itself when it cannot start
                await self.bot.close()

        async def register(self):
            rest = self.bot.rest
            who = hikari.CommandOption(type=hikari.OptionType.STRING, name="who", description="Whom", is_required=True)
            made = [rest.slash_command_builder("greet", "Answer").add_option(who)]
            made += [rest.slash_command_builder(name, "Answer") for name in ("whisper", "think", "panel", "form")]
            await rest.set_application_commands(await rest.fetch_application(), made)

        @property
        def guild_ids(self):
            return set(self.bot.cache.get_available_guilds_view())

        def member_ids(self, guild_id):
            return set(self.bot.cache.get_members_view_for_guild(guild_id))

        async def send(self, channel_id, text):
            return (await self.bot.rest.create_message(channel_id, text)).id

        async def edit(self, channel_id, message_id, text):
            await self.bot.rest.edit_message(channel_id, message_id, text)

        async def react(self, channel_id, message_id, emoji):
            await self.bot.rest.add_reaction(channel_id, message_id, emoji)

        async def rename(self, channel_id, name):
            await self.bot.rest.edit_channel(channel_id, name=name)

        async def tell_the_gateway(self, op, data):
            await self.bot.shards[0]._send_json({"op": op, "d": data})

    return Hikari


def framework():
    class Framework(Peer):
        """Ours, for comparison: only its life at the gateway."""

        name = "framework"

        def __init__(self, token, place, patch):
            super().__init__()
            assert place is None
            self.bot = Bot(token, intents=Intents.GUILD_MESSAGES)

            @self.bot.on(MessageCreate)
            async def note(event):
                self.messages.append(event.id)

        async def live(self):
            await self.bot.start()
            self.ready.set()

        async def leave(self):
            await self.bot.close()

    return Framework


class Stage:
    """`play(story, library)`: start that library's bot, carry out `story(fake, bot)`, close the bot; returns what the
    story returns. `await play.until(condition)` waits for what must come to pass; `play.fake` is the server,
    `play.rest` its address, `play.ip` the bot's. `before(fake)` is done before the bot starts; `commands` are taught.
    """

    until = staticmethod(until)

    def __init__(self, where):
        self._where = where

    @property
    def is_virtual(self):
        return self._where == "virtual time"

    def __call__(self, story, library, *, world=None, settings=None, token=None, before=None, commands=False):
        world, settings = world or World(1, guilds=2, members=(30, 60)), settings or Settings()

        async def program(fake, place=None):
            self.fake = fake
            self.rest = "https://discord.com/api/v10" if place is None else place.rest
            if before is not None:
                before(fake)
            with pytest.MonkeyPatch.context() as patch:
                bot = library(token or fake.settings.token, place, patch)
                if commands:
                    bot.teach()
                try:
                    await bot.start()
                    return await story(fake, bot)
                finally:
                    await bot.close()

        if self.is_virtual:
            return self._in_virtual_time(program, world, settings)
        return asyncio.run(self._on_real_sockets(program, world, settings))

    def _in_virtual_time(self, program, world, settings):
        with Simulation(1) as sim:
            sim.network.default_link = Link(30, 10)
            self.ip = sim.network.ip_of("bot")

            async def main():
                fake = await start_discord(sim, world, settings)
                try:
                    return await sim.spawn("bot", lambda: program(fake))
                finally:
                    await fake.stop()

            return sim.run(main())

    async def _on_real_sockets(self, program, world, settings):
        tls = trust = None
        self.ip = "127.0.0.1"
        if self._where == "TLS":
            authority = trustme.CA()
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(tls)
            trust = ssl.create_default_context()
            authority.configure_trust(trust)
        fake = FakeDiscord(world, settings)
        port = await fake.start(tls=tls)
        s = "" if tls is None else "s"
        try:
            place = Place(f"http{s}://127.0.0.1:{port}/api/v10", f"ws{s}://127.0.0.1:{port}", trust)
            return await program(fake, place)
        finally:
            await fake.stop()


@pytest.fixture(params=["virtual time", "real sockets"])
def play(request):
    """In virtual time at the default addresses, and on real sockets; "TLS" is a third place."""
    return Stage(request.param)


LIBRARIES = {"discord.py": discord_py, "disnake": disnake, "hikari": hikari}


@pytest.fixture(params=LIBRARIES)
def library(request):
    """Each library's adapter."""
    return LIBRARIES[request.param]()


@pytest.fixture(params=[*LIBRARIES, "framework"])
def survivor(request):
    """The same, and our own framework."""
    return {**LIBRARIES, "framework": framework}[request.param]()


@pytest.fixture(scope="module")
def libraries():
    """All of them."""
    return [make() for make in LIBRARIES.values()]
