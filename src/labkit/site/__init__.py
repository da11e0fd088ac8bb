"""The book as a site: MkDocs Material on a mirror of the repository's pages.

mkdocs.yml says how it looks; `hooks` makes the mirror, the navigation and what a
page has beyond its Markdown.
"""
