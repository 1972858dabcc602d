"""How results are shown. Knows strings; gets finished results."""
