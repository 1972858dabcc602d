"""Short ways to write components: what they make, and that they refuse what cannot be at once."""

from __future__ import annotations

import pytest

from framework.builders import button, form, gallery, layout, link, rows, select, text, text_input
from framework.errors import InvalidUse
from framework.models import to_wire
from framework.models.component import ButtonStyle, Container, SelectOption, TextInputStyle


def test_buttons_and_menus() -> None:
    made = rows([button("Yes", "yes", ButtonStyle.SUCCESS), link("More", "https://a.b")], [select("s", ["a"])])
    assert to_wire(made) == [
        {"type": 1, "components": [
            {"type": 2, "style": 3, "label": "Yes", "custom_id": "yes"},
            {"type": 2, "style": 5, "label": "More", "url": "https://a.b"},
        ]},
        {"type": 1, "components": [{"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}]}]},
    ]  # fmt: skip


def test_the_options_of_a_menu() -> None:
    given = ["a", ("B", "b"), SelectOption(label="C", value="c", default=True)]
    found = select("s", given, placeholder="Which?", max_values=2)
    assert [(o.label, o.value) for o in found.options] == [("a", "a"), ("B", "b"), ("C", "c")]
    assert (found.placeholder, found.max_values) == ("Which?", 2)


def test_a_layout() -> None:
    made = layout(Container(components=[text("# Hi"), gallery("https://a.b/1", "https://a.b/2")]))
    (box,) = to_wire(made["components"])
    assert box["components"][1]["items"] == [{"media": {"url": f"https://a.b/{n}"}} for n in (1, 2)]


def test_a_modal() -> None:
    made = form(
        "about", "About you", text("x"), text_input("why", "Why?", style=TextInputStyle.PARAGRAPH, min_length=2)
    )
    assert to_wire(made)["components"][1] == {
        "type": 18, "label": "Why?",
        "component": {"type": 4, "custom_id": "why", "style": 2, "min_length": 2, "required": True},
    }  # fmt: skip


@pytest.mark.parametrize(
    "made",
    [lambda: rows([]), lambda: layout(button("x", "x")), lambda: form("m", "", text("x")), lambda: layout(gallery())],
)
def test_what_cannot_be_is_refused_at_once(made) -> None:
    with pytest.raises(InvalidUse):
        made()
