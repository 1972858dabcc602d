"""Random calls of every operation, valid, nearly valid and absurd: never a 5xx, never a traceback, and every answer
fits its schema (which `tests/conftest.py` sees to)."""

import asyncio
import base64
import random
from collections import defaultdict, deque

import aiohttp
import msgspec

from discord_sim import Law, Settings, World
from discord_sim.edge import FakeDiscord
from discord_sim.rules.routes import ROUTES, SPECIFICATIONS
from discord_sim.spec import DOCUMENT, resolve
from discord_sim.world.snowflakes import iso

JUNK = [
    None, True, False, 0, -1, 1, 3, 2**31, 2**63, 2**64, 10**300, -0.0, 0.5, 1e308, "", " ", "0", "-1", "²", "\x00",
    "@me", "x" * 33, "y" * 2_001, "z" * 5_000, "9" * 25, "1970-01-01", "0000-00-00T00:00:00Z", "http://",
    "9999-12-31T23:59:59.999999+23:59", "data:image/png;base64,", "data:image/png;base64,!", "attachment://a.png",
    "<@1>", "🦆", [], [None], [[]], {}, {"id": None}, {"type": 1},
]  # fmt: skip
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
SCOPES = {
    scope for way in DOCUMENT["components"]["securitySchemes"]["OAuth2"]["flows"].values() for scope in way["scopes"]
}
# What a path below a collection calls the thing that was made in it.
NAMES = {
    template.rpartition("/")[0]: template.rpartition("/")[2].strip("{}")
    for template in DOCUMENT["paths"]
    if template.endswith("}")
}


class Caller:
    """Draws calls, and remembers the ids in their answers for later ones."""

    def __init__(self, seed, fake):
        self.chance = random.Random(seed)
        self.fake = fake
        self.known = defaultdict(lambda: deque(maxlen=6))
        guild = fake.world.guild_at(0)
        people = [user for user, _ in zip(fake.world.member_ids(guild), range(5), strict=False)]
        self.places = defaultdict(lambda: deque(maxlen=4))  # by a path's last parameter: all of its parameters
        self.bearers = [fake.bearer(user, *SCOPES) for user in people[:2]]
        self.given = {
            "guild_id": [str(fake.world.guild_at(n).id) for n in range(2)], "user_id": [*map(str, people), "@me"],
            "channel_id": list(map(str, guild.channels)), "role_id": list(map(str, guild.roles)),
            "application_id": [str(fake.world.bot_id), "@me"], "emoji_name": ["🦆", "a:1"],
            "sku_id": [str(sku) for sku in (1, 2)],
        }  # fmt: skip

    def learn(self, operation, params, body):
        """Keep what an answer tells of, for later calls."""
        child = NAMES.get(operation.template)
        for item in body[:5] if isinstance(body, list) else [body]:
            if child and (made := item.get("id") or item.get("code")):
                self.places[child].append({**params, child: made})
            if "token" in item and "id" in item:
                self.places["webhook_token"].append({"webhook_id": item["id"], "webhook_token": item["token"]})
            self.gather(item, child or "")

    def gather(self, value, name):
        if isinstance(value, dict):
            for key, item in value.items():
                self.gather(item, name if key in ("id", "code") and name else key)
        elif isinstance(value, list):
            for item in value[:5]:
                self.gather(item, name.removesuffix("s"))
        elif isinstance(value, str) and not (value.isdecimal() and len(value) < 15):
            self.known[name if name.endswith(("_id", "name", "code")) else f"{name}_id"].append(value)

    def often(self, share):
        return self.chance.random() < share

    def oddly(self, share):
        """Whether to do something that no client should: in every third call only, so that the others succeed."""
        return self.is_odd and self.often(share)

    def id_for(self, name):
        if self.oddly(0.1):
            return str(self.chance.choice(JUNK))
        if self.oddly(0.2):
            name = self.chance.choice([*self.known, *self.given])
        return self.chance.choice([*self.given.get(name, ()), *self.known.get(name, ())] or ["1"])

    # -- values by schema --------------------------------------------------------------------------------

    def value(self, schema, name="", depth=0):
        if self.oddly(0.04):
            return self.chance.choice(JUNK)
        schema = resolve(schema)
        options = schema.get("oneOf") or schema.get("anyOf")
        if options:
            option = self.chance.choice(options)
            return option["const"] if "const" in option else self.value(option, name, depth)
        if schema.get("allOf"):
            return {k: v for part in schema["allOf"] for k, v in self.object(resolve(part), depth).items()}
        if schema.get("enum"):
            return self.chance.choice(schema["enum"])
        kinds = schema.get("type", "string")
        kind = self.chance.choice(kinds) if isinstance(kinds, list) else kinds
        match kind:
            case "object":
                return self.object(schema, depth)
            case "array":
                low, high = schema.get("minItems", 0), schema.get("maxItems", 4)
                count = self.chance.randint(low, min(high, low + 3)) if not self.oddly(0.1) else min(high, 30) + 1
                return [self.value(schema.get("items", {}), name.removesuffix("s"), depth + 1) for _ in range(count)]
            case "integer" | "number":
                return self.number(schema, kind)
            case "boolean":
                return self.often(0.5)
            case "null":
                return None
        return self.text(schema, name)

    def object(self, schema, depth):
        required = schema.get("required", ())
        share = 0.4 if depth < 4 else 0.05
        made = {
            key: self.value(inner, key, depth + 1)
            for key, inner in schema.get("properties", {}).items()
            if (not self.oddly(0.04) if key in required else self.often(share))
        }
        rest = schema.get("additionalProperties")
        if isinstance(rest, dict):
            made |= {self.chance.choice(["en-US", "0", "x", "ja"]): self.value(rest, "", depth + 1)}
        return made

    def number(self, schema, kind):
        low, high = schema.get("minimum", 0), schema.get("maximum", 100)
        if kind == "number":
            return self.chance.choice([low, high, (low + high) / 2])
        beside = [low - 1, high + 1] if self.oddly(0.5) else []
        return self.chance.choice([low, high, self.chance.randint(low, max(low, high)), *beside])

    def text(self, schema, name):
        match schema.get("format"):
            case "snowflake":
                return self.id_for(name if name.endswith("_id") else name + "_id")
            case "date-time":
                days = self.chance.randint(-400, 400) * 86_400_000
                return iso(self.fake.clock.epoch_ms + days)
            case "uri":
                return self.chance.choice(["https://example.org/a.png", "attachment://a.png", "http://x"])
        if schema.get("contentEncoding") == "base64":
            return PNG
        if name.endswith(("code", "name", "token")) and self.often(0.3):
            return self.id_for(name)
        low, high = schema.get("minLength", 0), min(schema.get("maxLength", 40), 5_000)
        length = self.chance.choice([low, high, self.chance.randint(low, max(low, min(high, 40)))])
        length += self.oddly(0.2)
        return "".join(self.chance.choice(["a", "b", "é", "🦆", " ", "<@1>", "@everyone"]) for _ in range(length))[
            :length
        ]

    # -- calls ---------------------------------------------------------------------------------------------

    def draw(self, operation):
        """(path, its parameters, options) of one call."""
        self.is_odd = self.often(0.33)
        names = [part[1:-1] for part in operation.template.split("/") if part.startswith("{")]
        params = {name: self.id_for(name) for name in names} | self.place(names)
        path = operation.template.format_map({name: self.escape(text) for name, text in params.items()})
        query = [
            (name, self.chance.choice(["true", "false", *map(str, JUNK)]) if value is None else str(value))
            for name, (schema, required) in operation.query.items()
            if required or self.often(0.3)
            for value in [self.value(schema, name)]
        ]
        options = {"params": query, "headers": self.headers(operation)}
        if operation.body is not None:
            options |= self.body(operation)
        return f"/api/v{self.chance.choice([9, 10, 10, 10])}{path}", params, options

    def place(self, names):
        """Ids that belong together: of something that was made earlier, or of a fresh interaction and its token."""
        if not names or self.oddly(0.5):
            return {}
        if names[-1] == "interaction_token" or ("webhook_token" in names and self.often(0.5)):
            guild, bot = self.fake.world.guild_at(0), self.fake.world.bot_id
            command = {"name": "fuzz", "description": "a command to be used"}
            self.fake.act(bot, "create_application_command", command, application_id=bot)
            used = self.fake.command(guild.owner_id, next(iter(guild.channels)), "fuzz")
            found = {
                "interaction_id": str(used.id), "interaction_token": used.token,
                "webhook_id": str(used.application_id), "webhook_token": used.token,
            }  # fmt: skip
        else:
            found = next((self.chance.choice(self.places[n]) for n in reversed(names) if self.places[n]), {})
        return {name: found[name] for name in names if name in found}

    def escape(self, text):
        return (
            "".join(f"%{byte:02x}" if byte in b"/?#%\0 \\" or byte > 126 else chr(byte) for byte in text.encode())
            or "%20"
        )

    def headers(self, operation):
        token = f"Bot {self.fake.settings.token}"
        if operation.auth == {"oauth"} or (operation.auth & {"oauth"} and self.often(0.4)):
            token = f"Bearer {self.chance.choice(self.bearers)}"
        told = {"Authorization": token, "User-Agent": "DiscordBot (fuzz, 1)"}
        if self.oddly(0.1):
            del told["Authorization"]
        if self.often(0.2):
            told["X-Audit-Log-Reason"] = self.chance.choice(
                ["why", "%F0%9F%A6%86", "%", "a b", "x" * (512 + self.oddly(0.5))]
            )
        return told

    def body(self, operation):
        value = self.value(operation.body)
        if "multipart/form-data" not in operation.media_types or not self.often(0.5):
            return {"json": value}
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        if self.often(0.8):
            form.add_field("payload_json", msgspec.json.encode(value).decode(), content_type="application/json")
        for n in range(self.chance.randint(0, 3)):
            field = self.chance.choice([f"files[{n}]", "file", "files", "files[x]"])
            form.add_field(field, self.chance.choice([b"", b"text", b"\x89PNG\r\n\x1a\n"]), filename=f"{n}.png")
        return {"data": form}


async def play(seed, audit):
    free = dict.fromkeys(ROUTES, Law(50_000, 60_000))
    settings = Settings(laws=free, global_limit_per_s=50_000, invalid_requests_limit=1_000_000)
    fake = FakeDiscord(World(seed, guilds=2, members=(5, 60), bots=2), settings)
    base = f"http://127.0.0.1:{await fake.start()}"
    caller = Caller(seed, fake)
    makers = [o for o in SPECIFICATIONS.values() if o.method == "POST" and o.template in NAMES]
    order = [*SPECIFICATIONS.values()] * 2 + makers * 4
    order.sort(key=lambda o: caller.chance.random() + (o.method == "DELETE") - (o in makers))  # made, used, deleted
    statuses = defaultdict(set)
    try:
        async with aiohttp.ClientSession() as session:
            for number, operation in enumerate(order):
                for index in range(2):  # where the bot left or was removed it is invited again
                    fake.member_joined(fake.world.guild_at(index).id, fake.world.bot_id)
                path, params, options = caller.draw(operation)
                call = f"call {number} of seed {seed}: {operation.method} {path} {options}"
                wrong = len(audit.wrong)
                async with session.request(operation.method, base + path, **options) as answer:
                    raw = await answer.read()
                assert answer.status < 500, call
                assert audit.wrong[wrong:] == [], call
                statuses[operation.id].add(answer.status)
                if answer.content_type == "application/json" and answer.status < 300:
                    caller.learn(operation, params, msgspec.json.decode(raw))
    finally:
        await fake.stop()
    return statuses


def test_random_calls_get_answers_that_fit(round_seed, audit):
    statuses = asyncio.run(play(round_seed, audit))
    assert set(statuses) == set(SPECIFICATIONS)
