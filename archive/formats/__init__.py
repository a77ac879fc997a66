"""How dates and numbers are written, where a language asks for other than Django does."""
