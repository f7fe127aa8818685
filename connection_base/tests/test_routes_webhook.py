"""The webhook route: check first, store once, answer."""

from odoo.tests import HttpCase, tagged

from odoo.addons.connection_base.const import WEBHOOK_MAX_BYTES

from .common import ConnectionMixin
from .fake import FakeProviderMixin


@tagged("post_install", "-at_install")
class TestWebhookRoute(FakeProviderMixin, ConnectionMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_connections()
        cls._set_up_providers()
        cls.connection = cls._create_connection("fake")

    def _post(self, body=b'{"id": "evt-1"}', token=None, provider="fake", **headers):
        token = token or self.connection.webhook_token
        headers = {"Content-Type": "application/json", "X-Signature": "good", **headers}
        url = f"/connection/webhook/{provider}/{token}"
        return self.url_open(url, data=body, headers=headers)

    def _events(self):
        self.env.invalidate_all()
        return self.connection.webhook_event_ids

    def test_an_authentic_message_is_stored_and_answered(self):
        answer = self._post()
        self.assertEqual((answer.status_code, answer.text), (200, "ok"))
        event = self._events()
        self.assertEqual(event.body, '{"id": "evt-1"}')
        self.assertEqual(event.state, "new")
        self.assertNotIn("x-signature", event.headers)

    def test_a_repeat_is_answered_well_and_stored_once(self):
        for _delivery in range(3):
            self.assertEqual(self._post().status_code, 200)
        self.assertEqual(len(self._events()), 1)

    def test_a_forged_or_absent_signature_is_refused(self):
        for signature in ("bad", ""):
            answer = self._post(**{"X-Signature": signature})
            self.assertEqual(answer.status_code, 403)
        self.assertFalse(self._events())

    def test_a_check_that_gives_no_id_is_refused(self):
        self.hooks["_verify_webhook"] = lambda *args: ""
        self.assertEqual(self._post().status_code, 403)

    def test_an_unknown_address_does_not_exist(self):
        self.assertEqual(self._post(token="x" * 32).status_code, 404)
        self.assertEqual(self._post(provider="mollie").status_code, 404)

    def test_a_disconnected_service_is_not_listened_to(self):
        self.connection._disconnect()
        self.env.flush_all()
        self.assertEqual(self._post().status_code, 404)

    def test_a_body_over_the_limit_is_not_read(self):
        self.assertEqual(self._post(b"x" * (WEBHOOK_MAX_BYTES + 1)).status_code, 413)
        self.assertEqual(self._post(b"x" * WEBHOOK_MAX_BYTES).status_code, 200)
        self.assertEqual(len(self._events()), 1)

    def test_a_body_sent_in_pieces_is_limited_too(self):
        pieces = (b"x" * 65536 for _number in range(6))
        answer = self._post(pieces)
        self.assertIn(answer.status_code, (400, 411, 413))
        self.assertFalse(self._events())

    def test_a_form_is_checked_on_its_raw_bytes_and_its_values_are_kept(self):
        seen = {}

        def verify(record, headers, body, params):
            seen.update(body=body, params=params)
            return params["id"]

        self.hooks["_verify_webhook"] = verify
        answer = self._post(
            b"id=tr_1&x=%20", **{"Content-Type": "application/x-www-form-urlencoded"}
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(seen["body"], b"id=tr_1&x=%20")
        self.assertEqual(self._events().params, {"id": "tr_1", "x": " "})

    def test_reading_the_address_in_a_browser_gives_nothing(self):
        token = self.connection.webhook_token
        answer = self.url_open(f"/connection/webhook/fake/{token}")
        self.assertIn(answer.status_code, (404, 405))
