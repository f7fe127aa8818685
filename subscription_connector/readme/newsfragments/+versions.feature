A plan has numbered versions: what changed when and by whom, and who has which. A campaign moves from one version to the present one, terms included, and names them in its mail.
