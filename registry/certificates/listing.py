"""Reading a list with work that is bounded by what is shown, and not by the register.

There are four ways, and each is quick where the others are not. Where one index has little that could fit, all of that is
read and sorted. Where words are rare, the certificates that hold them are. Where names begin with a word, they stand
together. And where much fits, an index that has the order of the list is walked until a page is full. Where none is sure,
the walk is tried for a bounded way first. No database would choose so by itself: one keeps no statistics, and none knows
that what fits may stand together at the far end of an order.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Select, and_, literal, not_, select
from sqlmodel import col

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.certificates.candidates import holding, holding_elsewhere, is_sought, may_be_common
from registry.certificates.conditions import happened, words_of
from registry.certificates.counts import kept_total
from registry.certificates.first_words import FirstWords, find_first_words, stretch, with_first_words
from registry.certificates.query import CertificateQuery, CertificateSort
from registry.certificates.scans import Found, Key, Place, Scans
from registry.certificates.tables import CertificateEventRow
from registry.certificates.ways import SAMPLED, Way, find_scope, narrow_ways, order_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput

COUNTED: Final = 10_000
"""Beyond so many, what is counted in part is not counted further."""

_READ: Final = 40_000
"""So many entries of an index are read whole: about as quick as finding a page by walking among a million."""
_GUESSED: Final = 2 * _READ // SAMPLED
"""Of a sample so many tell that all are too many."""
_FETCHED: Final = 6_000
"""The same of rows that stand somewhere else and have to be fetched one by one."""
_HELD: Final = 2_000
"""The same of certificates in which words are looked for."""
_FEWEST: Final = 3_000
"""Where so little could fit, no better way is looked for."""
_NEAR: Final = 4_000
"""Among so many entries of an index much of what is common is found, before anything else is looked for."""
_SOUGHT: Final = 2_000
"""Common words are looked for among the first so many of the list, before all that hold them are sorted."""
_GLANCED: Final = 500
"""So many tell how common they are."""
_TRIED: Final = 500
"""So many are looked at for counting, where each has to be fetched."""
_PASSED: Final = 20_000
"""So many entries of an index are passed by for counting."""

define(
    "certificates.short_words",
    vi="Một chữ cái thì quá ngắn để tìm. Hãy gõ ít nhất hai chữ cái của một từ.",
    en="One letter is too short to search by. Type at least two letters of a word.",
)


@dataclass(frozen=True, slots=True)
class Total:
    """How long a list is."""

    number: int
    is_exact: bool
    """Otherwise the list is longer: counting stopped early."""


class ListReader:
    """Reads one list: where its rows stand, and how many they are. Answers what `matching` selects, but sooner."""

    def __init__(self, uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> None:
        """Find out which agencies are meant. Raises `InvalidInput` for words that are too short to be sought."""
        if query.text and words_of(query.text) and not is_sought(query.text):
            raise InvalidInput(message("certificates.short_words"), field="q")
        self._session = uow.session
        self._query = query
        self._scope = find_scope(uow, viewer, query)
        self._scans = Scans(uow.session, query, self._scope)
        self._counted: int | None = None
        self._is_dense = False
        self._is_by_first_word = False

    def keys(self, limit: int, after: Key | None = None) -> list[Key]:
        """The first `limit` rows of the list, or of what is behind `after`."""
        behind = () if after is None else (self._scans.is_behind(after),)
        with self._scans.planned():
            near = self._near(limit, *behind)
            if near is not None:
                return near
            if self._narrow is not None:
                return self._sort(self._scans.along(self._narrow).where(*self._scans.beside), limit, *behind)
            if self._query.text:
                return self._keys_with_words(limit, *behind, after=after)
            return self._keys_without_words(limit, *behind)

    def _near(self, limit: int, *behind: Place) -> list[Key] | None:
        """The rows where they are common; None: they may be rare, or each has to be fetched to be told."""
        if self._scans.beside or not self._scans.order.is_complete:
            return None
        far = self._scans.as_far_as(_NEAR, *behind)
        near = self._scans.walk(limit, *behind, *far)
        if far and len(near) < limit:
            return None
        self._is_dense = not behind
        return near

    def _keys_without_words(self, limit: int, *behind: Place) -> list[Key]:
        if self._some_found is not None and self._some_found.are_all:
            return self._sort(self._fitting(self._some_found.keys), limit, *behind)
        if self._smallest is not None and self._found is None:
            everything = self._scans.along(self._smallest)
            self._counted = self._scans.size(everything)
            if self._counted > _FETCHED:
                # All have to be fetched row by row; but they may stand together at the far end of the order.
                far = self._scans.as_far_as(_PASSED, *behind)
                near = self._scans.walk(limit, *behind, *far)
                if len(near) == limit or not far:
                    return near
            return self._scans.first(everything, limit, *behind)
        return self._scans.walk(limit, *behind)

    def _keys_with_words(self, limit: int, *behind: Place, after: Key | None) -> list[Key]:
        common = self._keys_of_common_words(limit, *behind) if may_be_common(self._query.text) else None
        if common is not None:
            return common
        if self._found is None or self._some_found is None:
            return self._scans.walk(limit, *behind)
        if self._some_found.are_all:
            return self._sort(self._fitting(self._some_found.keys), limit, *behind)
        if self._smallest is not None:
            return self._sort(self._scans.along(self._smallest).where(*self._scans.beside), limit, *behind)
        return self._sort_found(self._found, limit, *behind, after=after)

    def _keys_of_common_words(self, limit: int, *behind: Place) -> list[Key] | None:
        """The rows where words are common, before the index of letters is asked, which takes the longer the more it finds.

        None: they are rare, or cannot be told to be common.
        """
        scans = self._scans
        # So far that words are looked for in few certificates, but past much that does not fit in other ways.
        is_every_entry = scans.is_plain or not scans.order.is_complete
        passed = () if is_every_entry else scans.as_far_as(_PASSED, *behind)
        for number in (_GLANCED, _SOUGHT):
            if is_every_entry:
                far = scans.as_far_as(number, *behind)
            else:
                far = scans.as_far_as_fitting(number, passed, *behind)
            near = scans.walk(limit, *behind, *far)
            if len(near) == limit or not far:
                self._is_dense = not behind
                return near
            if len(near) * _SOUGHT < limit * number:
                break
        return self._keys_by_first_word(limit, *behind)

    def _keys_by_first_word(self, limit: int, *behind: Place) -> list[Key] | None:
        """The rows where most that hold the word are names that begin with it; None: they are not."""
        elsewhere = self._elsewhere
        if elsewhere is None:
            return None
        found: list[Key] = []
        for places in reversed(self._stretches) if self._scans.is_descending else self._stretches:
            far = self._scans.as_far_as(_PASSED, *behind, *places)
            found += self._scans.walk(limit - len(found), *behind, *places, *far, has_beside=False)
            if len(found) == limit:
                break
            if far:
                return None
        found += self._scans.first(elsewhere, limit, *behind)
        self._is_by_first_word = True
        return sorted(found, reverse=self._scans.is_descending)[:limit]

    @cached_property
    def _first_words(self) -> FirstWords | None:
        """Of several words the index of letters finds few, more often than not."""
        words = words_of(self._query.text)
        is_by_name = order_of(self._query) == CertificateSort.HOLDER and not self._query.events
        return find_first_words(self._session, words[0]) if is_by_name and len(words) == 1 else None

    @cached_property
    def _stretches(self) -> tuple[tuple[Place, ...], ...]:
        """Where names stand that begin with the word."""
        return tuple(stretch(each, self._scans.column) for each in (self._first_words or FirstWords((), ())).holding)

    @cached_property
    def _elsewhere(self) -> Select[Any] | None:
        """Everything that fits beside the stretches; None: there are no stretches, or too much else."""
        if self._first_words is None or not self._stretches:
            return None
        few: tuple[int, ...] = ()
        for found in (
            with_first_words(self._session, self._first_words.doubtful),
            holding_elsewhere(self._session, words_of(self._query.text)[0]),
        ):
            some = self._scans.that_hold_words(found, _HELD - len(few))
            if not some.are_all:
                return None
            few += some.keys
        return self._fitting(few).where(*(not_(and_(*each)) for each in self._stretches))

    def total(self) -> Total:
        """The length of the list, or, where counting all of it would take long, of a part of it."""
        if self._known is not None:
            return Total(self._known, is_exact=True)
        with self._scans.planned():
            return self._counted_in_part()

    def _counted_in_part(self) -> Total:
        scans = self._scans
        if self._is_by_first_word and self._elsewhere is not None:
            return self._total_by_first_word(self._elsewhere)
        if not self._is_dense and self._smallest is not None:
            return Total(scans.size(scans.along(self._smallest).where(*scans.beside)), is_exact=True)
        if not self._is_dense and self._some_found is not None:
            some = self._some_found
            fitting = self._fitting(some.keys if some.are_all else some.keys[:_TRIED])
            return _rounded(scans.size(fitting, COUNTED + 1), is_whole=some.are_all)
        is_quick = scans.order.is_complete and not scans.beside
        # A small register is counted whole.
        far = scans.as_far_as(_PASSED if is_quick else _FETCHED)
        if far and not is_quick:
            far = scans.as_far_as(_TRIED)
        return _rounded(scans.size(scans.in_order(*far), COUNTED + 1), is_whole=not far)

    def _total_by_first_word(self, elsewhere: Select[Any]) -> Total:
        number = self._scans.size(elsewhere)
        for places in self._stretches:
            far = self._scans.as_far_as(COUNTED, *places)
            number += self._scans.size(self._scans.in_order(*places, *far, has_beside=False), COUNTED + 1)
            if far:
                return _rounded(number, is_whole=False)
        return _rounded(number, is_whole=True)

    def exact_total(self) -> Total:
        """The length of the list, however long it takes to count."""
        if self._known is not None:
            return Total(self._known, is_exact=True)
        with self._scans.planned():
            way = self._smallest or self._scans.order
            every = self._scans.along(way) if self._found is None else self._fitting(self._found)
            return Total(self._scans.size(every), is_exact=True)

    @property
    def _known(self) -> int | None:
        """The length, where it was counted in passing or is kept."""
        if self._counted is None:
            self._counted = kept_total(self._session, self._query, self._scope.agency_ids)
        return self._counted

    @cached_property
    def _small(self) -> dict[Way, int]:
        """The ways by which everything that could fit is little, with the number of entries to be read."""
        sizes = {}
        for way in narrow_ways(self._session, self._query, self._scope):
            if way.sample and self._scans.entries(way, way.sample, _GUESSED) == _GUESSED:
                continue
            size = self._scans.entries(way, way.bounds, _READ + 1)
            if size <= (_READ if way.is_complete else _FETCHED):
                sizes[way] = size
            if size <= _FEWEST:
                break
        return sizes

    @cached_property
    def _smallest(self) -> Way | None:
        return min(self._small, key=self._small.__getitem__, default=None)

    @cached_property
    def _narrow(self) -> Way | None:
        """The way to read everything that could fit and to sort it; None: that would be too much."""
        order = order_of(self._query)
        sizes = {way: size for way, size in self._small.items() if order in way.orders or size <= _FETCHED}
        return min(sizes, key=sizes.__getitem__, default=None)

    @cached_property
    def _found(self) -> Select[Any] | None:
        """Identifiers of a superset of what fits, by an index that is not of the periods; None: there is none for it."""
        if self._query.text:
            return holding(self._session, self._query.text)
        if self._query.events:
            return select(col(CertificateEventRow.certificate_id)).where(*happened(self._query))
        return None

    @cached_property
    def _some_found(self) -> Found | None:
        """All of those, or the first where they are not few."""
        if self._found is None:
            return None
        if self._query.text:
            return self._scans.that_hold_words(self._found, _HELD)
        # The index tells how many events there are, but not of which certificates.
        beyond = select(literal(1)).select_from(CertificateEventRow).where(*happened(self._query))
        are_all = not self._scans.identifiers(beyond.limit(1).offset(_FETCHED))
        return Found(self._scans.identifiers(self._found if are_all else self._found.limit(_TRIED)), are_all=are_all)

    def _sort(self, statement: Select[Any], limit: int, *behind: Place) -> list[Key]:
        """The first rows of everything in `statement`, which is counted in passing."""
        keys, count = self._scans.sort(statement, limit, *behind)
        if not behind:
            self._counted = count
        return keys

    def _sort_found(self, found: Select[Any], limit: int, *behind: Place, after: Key | None) -> list[Key]:
        """Sort what was found. Whether the letters make up the words is looked for in the first rows alone, at first."""
        held = self._scans.of_certificates(found)
        if not self._query.events:
            if self._scans.is_plain:
                first = self._scans.first_that_hold_letters(limit, after)
            else:
                first = self._scans.first(held, limit, *behind)
            right = self._scans.that_fit(first)
            if len(first) < limit or len(right) == limit:
                return right
        return self._sort(held.where(*self._scans.beside), limit, *behind)

    def _fitting(self, found: Select[Any] | tuple[int, ...]) -> Select[Any]:
        """The periods that fit of certificates that hold the words, if there are any, or of candidates to be selected."""
        held = self._scans.of_certificates(found)
        if not self._query.text:
            # It was by their events that they were found.
            return held
        return held.where(*(self._scans.of_events if isinstance(found, tuple) else self._scans.beside))


def _rounded(number: int, *, is_whole: bool) -> Total:
    if is_whole and number <= COUNTED:
        return Total(number, is_exact=True)
    number = min(number, COUNTED)
    return Total(number - number % 10 ** max(len(str(number)) - 2, 0), is_exact=False)
