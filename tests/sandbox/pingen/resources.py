"""Stored records as JSON:API resources."""

from . import states

ORGANISATION_FIELDS = (
    "name", "status", "plan", "billing_mode", "billing_currency", "billing_balance",
    "missing_credits", "edition", "default_country", "default_address_position",
    "default_sender_address", "data_retention_addresses", "data_retention_pdf",
    "limits_monthly_letters_count", "limits_monthly_emails_count",
    "limits_monthly_ebills_count", "color", "flags", "created_at", "updated_at",
)  # fmt: skip
LETTER_FIELDS = (
    "status", "file_original_name", "file_pages", "address", "address_position",
    "country", "delivery_product", "print_mode", "print_spectrum", "price_currency",
    "price_value", "paper_types", "fonts", "source", "tracking_number",
    "sender_address", "submitted_at", "created_at", "updated_at",
)  # fmt: skip
EVENT_FIELDS = (
    "code", "name", "producer", "location", "has_image", "data", "emitted_at",
    "created_at", "updated_at",
)  # fmt: skip


def iso(moment):
    """A moment as the vendor writes it: offset without a colon."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S%z")


class Resources:
    """Builds resources; knows the address the service is reached at.

    :param str base_url: scheme, host and prefix of the service
    """

    def __init__(self, base_url):
        self.base_url = base_url

    def organisation_url(self, key):
        return f"{self.base_url}/organisations/{key}"

    def letter_url(self, letter):
        organisation = self.organisation_url(letter["organisation"])
        return f"{organisation}/deliveries/letters/{letter['id']}"

    def organisation(self, record):
        return {
            "type": "organisations",
            "id": record["id"],
            "attributes": {name: record.get(name) for name in ORGANISATION_FIELDS},
            "relationships": {},
            "links": {"self": self.organisation_url(record["id"])},
        }

    def letter(self, record):
        return {
            "type": "letters",
            "id": record["id"],
            "attributes": {name: record.get(name) for name in LETTER_FIELDS},
            "relationships": {
                "organisation": self.link_organisation(record["organisation"]),
                "events": {
                    "links": {
                        "related": {
                            "href": f"{self.letter_url(record)}/events",
                            "meta": {"count": record.get("events_count", 0)},
                        }
                    }
                },
                "batch": {"data": None},
            },
            "links": {"self": self.letter_url(record)},
            "meta": {"abilities": {"self": states.abilities(record)}},
        }

    def link_organisation(self, key):
        return {
            "links": {"related": self.organisation_url(key)},
            "data": {"type": "organisations", "id": key},
        }

    def link_letter(self, letter):
        return {
            "links": {"related": self.letter_url(letter)},
            "data": {"type": "letters", "id": letter["id"]},
        }

    def event(self, record, kind="letters_events"):
        return {
            "type": kind,
            "id": record["id"],
            "attributes": {name: record.get(name) for name in EVENT_FIELDS},
        }

    def listed_event(self, record, letter):
        """An event in a list, with the letter it belongs to."""
        return {
            **self.event(record),
            "relationships": {"letter": self.link_letter(letter)},
        }

    def webhook(self, record):
        url = f"{self.organisation_url(record['organisation'])}/webhooks"
        return {
            "type": "webhooks",
            "id": record["id"],
            "attributes": {
                name: record[name] for name in ("event_category", "url", "signing_key")
            },
            "relationships": {
                "organisation": self.link_organisation(record["organisation"])
            },
            "links": {"self": f"{url}/{record['id']}"},
        }

    def notification(self, key, hook, letter, event, organisation, category):
        """Body of a webhook, as captured in the summer of 2026.

        The event comes twice among the included, under its new type and under its
        old one, with one id.
        """
        attributes = {"url": hook["url"], "created_at": event["created_at"]}
        event_link = {"type": "deliverables_events", "id": event["id"]}
        if category == "issues":
            attributes = {"reason": event["reason"], **attributes}
        if category == "undeliverable":
            attributes = {
                "reason": event["reason"],
                "corrected_address": event.get("corrected_address"),
                **attributes,
            }
        included = self.letter(letter)
        for name in ("relationships", "meta"):
            included.pop(name)
        owner = self.organisation(organisation)
        owner.pop("relationships")
        return {
            "data": {
                "type": f"webhook_{category}",
                "id": key,
                "attributes": attributes,
                "relationships": {
                    "organisation": self.link_organisation(organisation["id"]),
                    "deliverable": self.link_letter(letter),
                    "event": {"data": event_link},
                    "letter": self.link_letter(letter),
                },
            },
            "included": [
                owner,
                included,
                self.event(event, "deliverables_events"),
                self.event(event),
            ],
        }
