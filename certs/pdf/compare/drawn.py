"""What readers draw from values instead of showing an appearance (ISO 32000-2, 12.7.4.3 and table 224)."""

from certs.pdf.appearance import alike, content_of, normal_appearance, paints, texts_in
from certs.pdf.compare.wording import words
from certs.pdf.document import Document
from certs.pdf.form import Field, Form
from certs.pdf.values import Ref, Stream, Value, text_of

_DRAWN = ("Tx", "Ch")


def is_drawn_anew(document: Document, form: dict[str, Value], revision: int) -> bool:
    """Whether the form asks readers to draw all values themselves."""
    return document.resolve(form.get("NeedAppearances"), revision) is True


def drawn_by_readers(document: Document, form: Form, revision: int) -> list[Field]:
    """The fields whose values readers draw: all when the form asks for it, else those without an appearance."""
    document.budget.spend(len(form.fields))
    is_anew = is_drawn_anew(document, form.dictionary, revision)
    return [
        field
        for field in form.fields
        if field.type in _DRAWN
        and field.is_terminal
        and words(document, field.value, revision) != ()
        and (is_anew or _lacks_an_appearance(document, field, revision))
    ]


def shows_something(document: Document, field: Field, revision: int) -> bool:
    """Whether the appearance of a field for words paints something, which a reader that draws anew would not show."""
    return field.type in _DRAWN and any(
        stream is not None and paints(document, stream, revision)
        for stream in (_appearance(document, number, revision) for number in field.widgets)
    )


def may_show_other_words(document: Document, field: Field, revision: int) -> bool:
    """Whether an appearance shows other words than the value, or something that cannot be read as words."""
    if not field.is_terminal:
        return False
    value = text_of(document.resolve(field.value, revision)) or ""
    for number in field.widgets if field.type in _DRAWN else ():
        stream = _appearance(document, number, revision)
        if stream is None or not paints(document, stream, revision):
            continue
        shown = "".join(texts_in(content_of(document, stream, revision)))
        if not shown or not alike(shown, value):
            return True
    return False


def _lacks_an_appearance(document: Document, field: Field, revision: int) -> bool:
    return any(_appearance(document, number, revision) is None for number in field.widgets)


def _appearance(document: Document, number: int, revision: int) -> Stream | None:
    return normal_appearance(document, document.dictionary(Ref(number, 0), revision), revision)
