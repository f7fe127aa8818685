"""The storage behind the API: uploads and downloads at addresses with a signature."""

import base64
import secrets
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from werkzeug import Response

from ..clock import CLOCK
from ..service import Refusal
from . import pdf
from .errors import ApiError
from .resources import iso
from .signing import matches, sign

UPLOAD_MINUTES = 60
DOWNLOAD_MINUTES = 15


class Storage:
    """Part of the service; needs ``book``, ``desk``, ``url`` and ``_found``."""

    def file_upload(self, request):
        key = str(uuid.uuid4())
        expires = CLOCK.now() + timedelta(minutes=UPLOAD_MINUTES)
        query = f"expires={int(expires.timestamp())}"
        path = f"/_storage/{key}?{query}"
        upload = {
            "id": key,
            "url": self.url(f"{path}&signature={sign(self.secret, 'PUT ' + path)}"),
            "url_signature": f"$2y$10${secrets.token_urlsafe(39)}",
            "expires_at": iso(expires),
            "file": None,
        }
        self.book.put("_upload", upload)
        names = ("url", "url_signature", "expires_at")
        data = {
            "type": "file_uploads",
            "id": key,
            "attributes": {name: upload[name] for name in names},
            "links": {"self": self.url("/file-upload")},
        }
        return {"data": data}

    @property
    def secret(self):
        return self.book.setting("storage_secret")

    def _check_signed(self, request, verb):
        path = f"{request.path}?expires={request.args.get('expires')}"
        given = request.args.get("signature", "")
        if not matches(given, sign(self.secret, f"{verb} {path}")):
            raise Refusal(403, {"Code": "SignatureDoesNotMatch"})
        if int(request.args["expires"]) < CLOCK.epoch():
            raise Refusal(403, {"Code": "AccessDenied", "Message": "Request expired"})
        if request.headers.get("Authorization"):
            words = "Only one authentication mechanism is allowed"
            raise Refusal(400, {"Code": "InvalidArgument", "Message": words})

    def storage_put(self, request, key):
        self._check_signed(request, "PUT")
        upload = self._found("_upload", key)
        upload["file"] = self.desk.store_file(request.get_data(), request.mimetype)
        self.book.put("_upload", upload)
        return Response(status=200)

    def storage_get(self, request, key):
        self._check_signed(request, "GET")
        stored = self._found("_file", key)
        content = base64.b64decode(stored["content"])
        return Response(content, mimetype="application/pdf")

    def upload_of(self, url):
        """The upload that was handed out with this address, or None."""
        key = urlsplit(str(url)).path.rsplit("/", 1)[-1]
        upload = self.book.get("_upload", key)
        return upload if upload and upload["url"] == url else None

    def download_url(self, key):
        """Address of a stored file that works for a quarter of an hour."""
        expires = CLOCK.epoch() + DOWNLOAD_MINUTES * 60
        path = f"/_storage/{key}?expires={expires}"
        return self.url(f"{path}&signature={sign(self.secret, 'GET ' + path)}")

    def picture(self, request, key):
        """Page 1 of a letter with the window drawn over it, for the book's page."""
        letter = self._found("letters", key)
        content = self.desk.file_of(letter)
        if content is None or not letter["file_pages"]:
            raise ApiError(404, "not_found", "This letter has no readable file.")
        image = pdf.picture(content, letter["address_position"])
        return Response(image, mimetype="image/png")
