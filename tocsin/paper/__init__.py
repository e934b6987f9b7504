"""Something to read, made of sentences and tables: as text, Markdown and HTML."""
