The messages below a document can be read and worked through by everybody: pictures of
authors, attachments and times pass the automatic check of WCAG 2.1 AA too.
