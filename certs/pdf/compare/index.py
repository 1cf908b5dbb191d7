"""What is seen through which object: the index of a revision, built once and renewed with every later one."""

from certs.pdf.compare.owners import Owner, OwnerIndex
from certs.pdf.compare.state import INHERITED, SILENT_ANNOTATION, SILENT_CATALOG, SILENT_PAGE, State
from certs.pdf.compare.step import Step
from certs.pdf.form import Field
from certs.pdf.values import Ref, Value

_APART = frozenset({"AcroForm", "Pages"})
_NOWHERE = ("Parent", "SE", "P")
_DRAWN = frozenset({"Contents", "Resources", "Group", "AP", "OCProperties", "DR"})
_DECODING = ("Length", "Filter", "DecodeParms", "N", "First")


def build_index(state: State) -> OwnerIndex:
    """Follow everything a reader sees from the roots."""
    index = OwnerIndex(state.document)
    _set_barriers(index, state)
    for page in state.tree.pages:
        _index_page(index, state, page)
    for node in state.tree.nodes:
        _index_node(index, state, node)
    for page, items in state.annotations.items():
        for item in items:
            _index_annotation(index, state, item, page)
    for field in state.form.fields:
        _index_field(index, state, field)
    _index_form(index, state)
    _index_catalog(index, state)
    for container in state.document.containers:
        _index_container(index, state, container)
    return index


def update_index(step: Step) -> None:
    """Follow what the revision of the step brought, in the index that the step has used."""
    index, after = step.index, step.after
    _set_barriers(index, after)
    for number in step.touched:
        value = step.document.get(number, step.revision)
        for owner in index.of(number):
            index.add(owner, value, step.revision, is_drawn=_is_drawn(owner.key))
        if number in step.document.containers:
            _index_container(index, after, number)
    _update_pages(step)
    for number in step.touched.intersection(after.page_of):
        _index_annotation(index, after, Ref(number, 0), 0)
    for number in step.touched:
        field = after.form.by_number.get(number)
        if field is not None:
            _index_field(index, after, field)
    if after.form.dictionary != step.before.form.dictionary:
        _index_form(index, after)
    if after.catalog != step.before.catalog:
        _index_catalog(index, after)


def _update_pages(step: Step) -> None:
    index, after = step.index, step.after
    for page in step.touched.intersection(after.tree.pages):
        _index_page(index, after, page)
        for item in after.annotations.get(page, ()):
            if not isinstance(item, Ref) or item.number not in step.before.page_of:
                _index_annotation(index, after, item, page)
    for page in after.tree.pages if step.tree_changed else ():
        _index_page(index, after, page)
    for node in step.touched & after.tree.nodes:
        _index_node(index, after, node)


def _is_drawn(key: str) -> bool:
    """Whether a reader draws what the entry leads to, also where a key is given twice and only some see this one."""
    return key.partition("\0")[0] in _DRAWN


def _index_container(index: OwnerIndex, state: State, container: int) -> None:
    """What an object stream is decoded with: nothing else leads there, and all its objects depend on it (7.5.7)."""
    dictionary = state.document.dictionary(Ref(container, 0), state.revision)
    first = state.tree.pages[0] if state.tree.pages else -1
    values = [dictionary.get(key) for key in _DECODING]
    index.add(Owner("content", first, "Contents"), values, state.revision)


def _set_barriers(index: OwnerIndex, state: State) -> None:
    """References to parts that are compared on their own are not followed."""
    index.barriers.update(state.tree.pages, state.tree.nodes, state.form.by_number, state.form.widget_owner)
    index.barriers.update(
        item.number for items in state.annotations.values() for item in items if isinstance(item, Ref)
    )
    index.barriers.add(state.catalog_number)
    if state.form_number >= 0:
        index.barriers.add(state.form_number)
    structure = state.catalog.get("StructTreeRoot")
    if isinstance(structure, Ref):
        index.barriers.add(structure.number)


def _index_page(index: OwnerIndex, state: State, page: int) -> None:
    """Everything a page draws; its list of annotations is a part of its own."""
    dictionary = state.document.dictionary(Ref(page, 0), state.revision)
    for key, value in dictionary.items():
        if key == "Annots":
            if isinstance(value, Ref):
                index.add(Owner("annotations", page, key), value, state.revision)
        elif key == "Parent":
            _index_ancestors(index, state, value, page)
        elif key not in SILENT_PAGE and key != "B":
            index.add(Owner("content", page, key), value, state.revision, is_drawn=_is_drawn(key))


def _index_ancestors(index: OwnerIndex, state: State, parent: Value, page: int) -> None:
    """What readers that look upwards inherit from, where the tree does not lead to it (7.7.3.4)."""
    for _ in range(state.document.budget.limits.depth):
        if parent is None or (isinstance(parent, Ref) and parent.number in state.tree.nodes):
            return
        index.add(Owner("content", page, "Parent"), parent, state.revision)
        ancestor = state.document.dictionary(parent, state.revision)
        for key in INHERITED & ancestor.keys():
            index.add(Owner("content", page, key), ancestor[key], state.revision, is_drawn=_is_drawn(key))
        parent = ancestor.get("Parent")


def _index_node(index: OwnerIndex, state: State, node: int) -> None:
    """What pages inherit from a node of the tree, and its list of kids."""
    dictionary = state.document.dictionary(Ref(node, 0), state.revision)
    first = state.tree.pages[0] if state.tree.pages else -1
    for key, value in dictionary.items():
        if key == "Kids":
            index.add(Owner("tree", node, key), value, state.revision)
        elif key == "Parent":
            _index_ancestors(index, state, value, first)
        elif key in INHERITED:
            index.add(Owner("content", first, key), value, state.revision, is_drawn=_is_drawn(key))


def _index_annotation(index: OwnerIndex, state: State, item: Value, page: int) -> None:
    """What an annotation shows and does. One written into the list of its page goes by minus the page's number."""
    number = item.number if isinstance(item, Ref) else -page
    # What the form leads to is indexed with its field; some readers show the values of other widgets as well.
    apart = ("Kids", "V") if number in state.form.by_number else ()
    for key, value in state.document.dictionary(item, state.revision).items():
        is_silent = key in SILENT_ANNOTATION and not _is_outside(state, key, value)
        if not is_silent and key not in apart:
            index.add(Owner("annotation", number, key), value, state.revision, is_drawn=_is_drawn(key))


def _is_outside(state: State, key: str, value: Value) -> bool:
    """Whether it is a parent that the form does not lead to: readers that look upwards inherit from it (12.7.4.1)."""
    return key == "Parent" and isinstance(value, Ref) and value.number not in state.form.by_number


def _index_field(index: OwnerIndex, state: State, field: Field) -> None:
    """What a field holds, its value above all."""
    for key, value in field.dictionary.items():
        if key == "Kids":
            index.add(Owner("fields", field.number, key), value, state.revision)
        elif key not in SILENT_ANNOTATION or _is_outside(state, key, value):
            index.add(Owner("field", field.number, key), value, state.revision, is_drawn=_is_drawn(key))


def _index_form(index: OwnerIndex, state: State) -> None:
    """What all fields share."""
    for key, value in state.form.dictionary.items():
        if key == "Fields":
            index.add(Owner("fields", -1, key), value, state.revision)
        else:
            index.add(Owner("form", 0, key), value, state.revision, is_drawn=_is_drawn(key))


def _index_catalog(index: OwnerIndex, state: State) -> None:
    """Document-level entries."""
    tree = state.catalog.get("Pages")
    if not isinstance(tree, Ref):
        # The root of the page tree is no object of its own: everything below it is reached from here.
        index.add(Owner("tree", -1, "Kids"), tree, state.revision)
    for key, value in state.catalog.items():
        if key in _APART or key in ("StructTreeRoot", "Type"):
            continue
        kind = "silent" if key in SILENT_CATALOG else "catalog"
        ignored = _NOWHERE if key == "Outlines" else ()
        index.add(Owner(kind, 0, key), value, state.revision, ignored=ignored, is_drawn=_is_drawn(key))
    index.add(Owner("silent", 0, "Info"), state.document.trailer(state.revision).get("Info"), state.revision)
