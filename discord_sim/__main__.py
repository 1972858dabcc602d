"""`python -m discord_sim` is `discord-sim`."""

from discord_sim.cli import main

if __name__ == "__main__":
    main()
