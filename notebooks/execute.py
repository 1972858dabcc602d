"""Run a notebook top to bottom and save it with its plots: `python notebooks/execute.py notebooks/mass_ban.ipynb`."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def execute(path: Path, parameters: str = "") -> nbformat.NotebookNode:
    """Execute every cell in a fresh kernel; `parameters` is code that follows the cell tagged so. Raises
    CellExecutionError where one fails."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source += f"\n{parameters}"
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # wall-clock times: noise in every diff
    return notebook


def texts(notebook: nbformat.NotebookNode) -> str:
    """Everything the cells printed."""
    return "".join(o.text for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "stream")


def plots(notebook: nbformat.NotebookNode) -> int:
    """How many pictures the cells drew."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return sum("image/png" in o.get("data", {}) for o in outputs)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        nbformat.write(execute(Path(name)), name)
        print(f"executed {name}")
