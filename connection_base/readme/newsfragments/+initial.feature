Connections to outside services: cards, credentials locked at rest, OAuth2, HTTP client, webhook inbox, sync runs.
