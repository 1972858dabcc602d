"""docs/fidelity.md says what the conformance tests show."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIDELITY = runpy.run_path(str(ROOT / "tests" / "conformance" / "fidelity.py"))


def test_the_page_is_up_to_date():
    written = FIDELITY["PAGE"].read_text(encoding="utf-8")
    assert written == FIDELITY["page"](), "run python tests/conformance/fidelity.py"


def test_each_row_of_the_acceptance_list_has_its_test():
    found = {fact.section for fact in FIDELITY["facts"](ROOT / "tests" / "conformance" / "test_acceptance.py")}
    assert {f"I.{row}" for row in range(1, 26)} <= found
