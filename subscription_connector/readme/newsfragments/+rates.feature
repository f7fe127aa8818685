Managers choose the taxes of Plug&Pay's rates under Configuration, which an invoice that waits
for one links to. An import names all that is wrong with a line, those lines first.
