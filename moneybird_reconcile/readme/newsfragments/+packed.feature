Bank files may be uploaded as ZIP or gzip; a file that is too large says how large one may be and what to do. What a supplier pays back finds his credit note.
