The graph *Recovered* shows what each step and channel brought in less its postage; the zones of a page are named with the decimal sign of the language.
