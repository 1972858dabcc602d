"""The code of `docs/testing-a-limiter.md` runs as it stands, and prints what the page says."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "testing-a-limiter.md"


def test_the_guides_code_runs(capsys):
    text = GUIDE.read_text()
    client, story, anything = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {"__name__": "guide"}
    exec(client + story, names)
    told = re.search(r"```text\n(.*?)\n```", text, re.DOTALL)[1]
    assert told in capsys.readouterr().out
    exec(anything, names)
    names["test_my_limiter"]()
