*Add Another* on the card of a connected service connects one more account of it, and the form behind Connect says where at the service its values are found (`ProviderSpec.where`).
