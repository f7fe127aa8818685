"""R10: every route of ours, asked by everybody, for own, foreign and missing records.

A foreign record answers like one that does not exist: same status, same page.
"""

import re
import threading
import time

from odoo import http
from odoo.tests import HttpCase, get_db_name, tagged

from odoo.addons.customer_portal_otp.const import IDENTITY_CHECK

from tests.rights.routes import ADMIN, ALSO, ENTRIES, MEMBER, OPEN, RECORD, find_routes
from tests.rights.world import (
    ANONYMOUS,
    COLLEAGUE,
    FORMER,
    OTHER,
    OWNER,
    STAFF,
    World,
)

MISSING = 99_999_999
PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
# What differs from one answer to the next although it tells nothing.
NOISE = re.compile(r'(csrf_token[=:"\s]+(?:value=)?"?)[0-9a-f]{40}o\d+|\b\d{13,}\b')
ROUTES = {**ALSO, **ENTRIES}


def _fill(route, value):
    """Return a path: ids and pages as numbers, everything else as a word."""
    return PARAMETER.sub(
        lambda match: str(value) if match.group(1) in ("int", None) else "guess",
        route,
    )


@tagged("post_install", "-at_install")
class TestRightsMatrix(World, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The route map asks the thread which database it is for.
        thread = threading.current_thread()
        thread.dbname = get_db_name()
        cls.addClassCleanup(delattr, thread, "dbname")

    def _become(self, person):
        login = None if person == ANONYMOUS else f"matrix {person}"
        # As after a fresh code: what is behind it is judged too.
        self.authenticate(login, login, session_extra={IDENTITY_CHECK: time.time()})

    def _get(self, path):
        return self.url_open(path, allow_redirects=False)

    def _post(self, path):
        data = {"csrf_token": http.Request.csrf_token(self)}
        return self.url_open(path, data=data, allow_redirects=False)

    def _get_shape(self, ask, path):
        """Return what a visitor can tell apart about an answer."""
        answer = ask(path)
        quoted = path.replace("/", "%2F")
        body, location = (
            text.replace(path, "ASKED").replace(quoted, "ASKED")
            for text in (NOISE.sub("", answer.text), answer.headers.get("Location", ""))
        )
        return answer.status_code, location, body

    def _assert_no_mark(self, person, answer, *, is_shared=False):
        """Assert that nobody else's mark is there, but for a colleague's if shared."""
        colleagues = {OWNER, COLLEAGUE}
        seen = colleagues if is_shared and person in colleagues else {person}
        for other in (OWNER, COLLEAGUE, OTHER, FORMER):
            if other not in seen:
                # Without the page in the message: it is long.
                self.assertFalse(self._get_mark(other) in answer.text, other)

    def _iter(self, kind):
        for route, entry in ROUTES.items():
            if entry.kind == kind and entry.reads:
                yield route, entry

    def test_each_route_of_ours_has_an_entry(self):
        """A new route fails until somebody says here what it shows, and to whom."""
        self.assertEqual(set(find_routes(self.env)) - set(ROUTES), set())
        self.assertEqual(set(ENTRIES) - set(find_routes(self.env)), set())

    def test_open_pages_show_nobody(self):
        for person in (ANONYMOUS, OWNER, STAFF):
            self._become(person)
            for route, entry in self._iter(OPEN):
                with self.subTest(person=person, route=route):
                    answer = self._get(_fill(route, MISSING))
                    if entry.is_switched:
                        self.assertEqual(answer.status_code, 404)
                    else:
                        self.assertLess(answer.status_code, 400)
                    if person != OWNER:
                        self._assert_no_mark(person, answer)

    def test_member_pages_show_the_visitor_only_what_is_his(self):
        """Where the organisation shares invoices, and where each has his own."""
        for scope in ("company", "own"):
            self.company.portal_document_scope = scope
            for person in (OWNER, COLLEAGUE, OTHER):
                self._become(person)
                for route, entry in self._iter(MEMBER):
                    is_shared = entry.is_shared and scope == "company"
                    with self.subTest(scope=scope, person=person, route=route):
                        answer = self._get(_fill(route, 1))
                        code = 303 if entry.moves else 200
                        self.assertEqual(answer.status_code, code)
                        self._assert_no_mark(person, answer, is_shared=is_shared)

    def test_member_pages_ask_strangers_and_former_members_to_sign_in(self):
        self._become(FORMER)
        self.people[FORMER].sudo().active = False
        self.env.flush_all()
        for person in (FORMER, ANONYMOUS):
            if person == ANONYMOUS:
                self._become(person)
            for route, _entry in self._iter(MEMBER):
                with self.subTest(person=person, route=route):
                    answer = self._get(_fill(route, 1))
                    self.assertEqual(answer.status_code, 303)
                    self.assertIn("/my/sign-in", answer.headers["Location"])

    def test_what_is_only_posted_asks_strangers_to_sign_in(self):
        self._become(ANONYMOUS)
        for route, entry in ENTRIES.items():
            if entry.kind == MEMBER and not entry.reads:
                with self.subTest(route=route):
                    answer = self._post(_fill(route, 1))
                    self.assertEqual(answer.status_code, 303)
                    self.assertIn("/my/sign-in", answer.headers["Location"])

    def test_staff_of_another_company_see_nobody(self):
        self._become(STAFF)
        for route, _entry in self._iter(MEMBER):
            with self.subTest(route=route):
                self._assert_no_mark(STAFF, self._get(_fill(route, 1)))

    def test_an_own_record_opens(self):
        for person in (OWNER, COLLEAGUE, OTHER):
            self._become(person)
            for route, entry in self._iter(RECORD):
                with self.subTest(person=person, route=route):
                    own = self.records[person][entry.record]
                    answer = self._get(_fill(route, own.id))
                    self.assertEqual(answer.status_code, 200)
                    self._assert_no_mark(person, answer)

    def test_a_foreign_record_answers_like_a_missing_one(self):
        for person in (OTHER, COLLEAGUE, STAFF, ANONYMOUS):
            self._become(person)
            for route, entry in self._iter(RECORD):
                if not (person == COLLEAGUE and entry.is_shared):
                    self._check_foreign(person, route, entry, self._get)

    def test_a_post_to_a_foreign_record_answers_like_a_missing_one(self):
        methods = find_routes(self.env)
        for person in (OTHER, COLLEAGUE, STAFF, ANONYMOUS):
            self._become(person)
            for route, entry in ENTRIES.items():
                if entry.kind == RECORD and "POST" in (methods[route] or ["POST"]):
                    self._check_foreign(person, route, entry, self._post)

    def _check_foreign(self, person, route, entry, ask):
        with self.subTest(person=person, route=route):
            foreign = self.records[OWNER][entry.record]
            answers = [
                self._get_shape(ask, _fill(route, value))
                for value in (foreign.id, MISSING)
            ]
            self._assert_same(*answers)

    def _assert_same(self, foreign, missing):
        """Name the first line that differs, not the two whole pages."""
        self.assertEqual(foreign[:2], missing[:2])
        self.assertNotEqual(foreign[0], 200)
        lines = zip(foreign[2].splitlines(), missing[2].splitlines(), strict=False)
        differing = [(one, two) for one, two in lines if one != two]
        self.assertEqual(differing[:1], [])
        self.assertEqual(len(foreign[2]), len(missing[2]))

    def test_what_is_for_the_administrator_is_missing_for_everybody_else(self):
        for person in (OWNER, OTHER, COLLEAGUE, STAFF, ANONYMOUS):
            self._become(person)
            for route, entry in self._iter(ADMIN):
                with self.subTest(person=person, route=route):
                    foreign = self.people[OWNER][f"{entry.record}_id"]
                    answers = [
                        self._get_shape(self._get, _fill(route, value))
                        for value in (foreign.id, MISSING)
                    ]
                    self._assert_same(*answers)

    def test_a_former_member_gets_nothing_any_more(self):
        self._become(FORMER)
        self.people[FORMER].sudo().active = False
        self.env.flush_all()
        for route, entry in self._iter(RECORD):
            with self.subTest(route=route):
                own = self.records[FORMER][entry.record]
                answers = [
                    self._get_shape(self._get, _fill(route, value))
                    for value in (own.id, MISSING)
                ]
                self._assert_same(*answers)

    def test_a_guessed_secret_opens_nothing(self):
        for person in (ANONYMOUS, OTHER):
            self._become(person)
            path = _fill("/connection/webhook/<string:provider>/<string:token>", 1)
            with self.subTest(person=person, path=path):
                self.assertEqual(self._post(path).status_code, 404)
            path = _fill("/contract/receipt/<string:token>", 1)
            with self.subTest(person=person, path=path):
                self.assertEqual(self._get(path).status_code, 404)
            answer = self._get("/connection/oauth/callback?state=guess&code=guess")
            with self.subTest(person=person, path="/connection/oauth/callback"):
                self.assertNotEqual(answer.status_code, 200)
                self._assert_no_mark(person, answer)
