Mail templates that nobody changed follow the texts of a new version with the update of their addon; a template, or a translation of it, that a person changed stays as it is.
