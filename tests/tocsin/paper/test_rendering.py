"""A paper says the same in every form, and nothing in it is alive."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.text import clean
from tocsin.paper.paper import Paper, Picture, Query, Section, Table
from tocsin.paper.rendering import Form, fenced, markdown, render, sparkline

HOSTILE = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))"),
    *("![x](https://evil.example/p.png)", "https://evil.example/x", "www.evil.example"),
    *("<https://evil.example>", "a@evil.example", "| --- | ---", "# heading", "* item", "- item"),
    *("1. item", "+ item", "> quote", "`code`", "```", "**bold**", "__bold__", "~~gone~~"),
    *("&lt;script&gt;", "[ref]: https://evil.example", "\x1b[2J\x1b]0;owned\x07", "a\u202eb"),
    *("{{ 7 * 7 }}", "{% raw %}", "</style><script>1</script>", "===", "---", "a\nb\r\nc", "$x$"),
)
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "footer", "pre", "svg", "rect"),
}


def paper(text: str) -> Paper:
    """Return a paper with a text in every place that a text can stand."""
    table = Table((text, text), ((text, text), ("Borno", "3")), ((1, None, 3), (0, 2, 4)))
    sections = (Section(text, (text, f"In {text}: 3"), table), Section("Open alerts", ("None.",)))
    return Paper(text, text, sections, (text,), (Query(text, text, f"SELECT '{text}'"),))


class Page(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_alive_in_a_page(text: str) -> None:
    page = read(render(paper(text), "html"))
    harmless = read(render(paper("Borno"), "html"))
    assert set(page.tags) <= ALLOWED
    assert page.tags == harmless.tags
    assert page.attributes == harmless.attributes


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_alive_in_markdown(text: str) -> None:
    reader = MarkdownIt("gfm-like", {"linkify": False, "html": True})
    found = reader.parse(render(paper(text), "markdown"))
    kinds = {token.type for token in found}
    inline = {child.type for token in found for child in token.children or ()}
    assert not kinds & {"html_block", "list_item_open", "blockquote_open", "hr", "code_block"}
    assert inline <= {"text", "text_special", "strong_open", "strong_close", "softbreak"}
    shape = [token.type for token in found]
    assert shape == [token.type for token in reader.parse(render(paper("Borno"), "markdown"))]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_alive_in_a_terminal(text: str) -> None:
    shown = render(paper(text), "text")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(text=st.text(max_size=40))
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    (paragraph,) = MarkdownIt("gfm-like", {"linkify": False}).parse(f"x {markdown(text)}")[1:2]
    shown = "".join(child.content for child in paragraph.children or ())
    assert shown.split() == ["x", *clean(text, 2_000).split()]


def test_bare_addresses_are_not_linked_by_readers_that_do() -> None:
    assert markdown("see https://evil.example") == r"see https:\//evil.example"
    assert markdown("www.evil.example") == r"www\.evil.example"
    assert markdown("a@b.example") == r"a\@b.example"


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_form_tells_everything(form: Form) -> None:
    shown = render(paper("Borno & Yobe"), form).replace("&amp;", "&").replace("\\", "")
    for told in ("Open alerts", "None.", "Borno & Yobe", "In Borno & Yobe: 3", "SELECT"):
        assert told in shown or told.upper() in shown


def test_columns_stand_under_each_other_whatever_their_letters() -> None:
    table = Table(("Region", "Count"), (("北京", "3"), ("Borno", "12")))
    shown = render(Paper("t", "", (Section("s", (), table),), ()), "text")
    assert "北京        3\nBorno      12" in shown


def test_a_page_needs_no_other_file_and_asks_for_none() -> None:
    html = render(paper("Borno"), "html")
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "@media print" in html


def test_a_fence_is_longer_than_any_in_the_code() -> None:
    assert fenced("SELECT '```'") == "````sql\nSELECT '```'\n````"


def test_a_sparkline_has_a_bar_for_every_known_count_and_says_them() -> None:
    drawn = sparkline([0, None, 4])
    assert drawn.count("<rect") == 2
    assert 'aria-label="0, unknown, 4"' in drawn
    assert sparkline([]).count("<rect") == 0


def test_a_drawing_stands_in_html_alone_with_its_words_for_those_who_do_not_see_it() -> None:
    drawing = '<svg width="8" height="8"><path d="M0 0h8"/></svg>'
    hostile = '"><script>alert(1)</script>'
    sections = (Section("provinces", pictures=(Picture(f"Chart of {hostile}", drawing),)),)
    made = Paper("Run 1", "", sections, ())
    page = render(made, "html")
    assert drawing in page
    assert 'aria-label="Chart of &#34;&gt;&lt;script&gt;' in page
    assert "<svg" not in render(made, "text") + render(made, "markdown")
