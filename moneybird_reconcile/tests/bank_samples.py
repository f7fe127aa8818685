"""MT940 files as the banks write them, with invented names, and a CSV."""

IBAN = "NL91ABNA0417164300"


def mt940(
    *transactions, account=f"{IBAN}EUR", opening="0,00", closing="0,00", ref="S1"
):
    """One statement; each transaction is (field 61, field 86)."""
    lines = [f":20:{ref}", f":25:{account}", ":28C:00001"]
    lines.append(f":60F:C261119EUR{opening}")
    for field_61, field_86 in transactions:
        lines += [f":61:{field_61}", f":86:{field_86}"]
    lines += [f":62F:C261120EUR{closing}", "-"]
    return ("\r\n".join(lines) + "\r\n").encode()


ING = mt940(
    (
        "2611201120C15,00NTRFEREF//26324000001\r\n/TRCD/00100/",
        (
            "/EREF/E2E-42/CNTP/NL02INGB0123456789/INGBNL2A/J. de Vries///REMI/USTD//Fac"
            "tuur INV/2026/00042/"
        ),
    ),
    (
        "2611201120D7,50NTRFNONREF//26324000002\r\n/TRCD/00200/",
        "/CNTP/NL20INGB0001234567/INGBNL2A/Drukkerij///REMI/STRD/CUR/9000000000000001/",
    ),
    closing="7,50",
)
RABOBANK = mt940(
    (
        "261120C000000000015,00N541NONREF\r\nNL02INGB0123456789",
        "/EREF/E2E-42/BENM//NAME/J. de Vries/REMI/Factuur INV/2026/00042/ISDT/2026",
    ),
    account=f"{IBAN} EUR",
    closing="15,00",
)
ABN_AMRO = mt940(
    (
        "2611201120C15,N654NONREF",
        (
            "/TRTP/SEPA OVERBOEKING/IBAN/NL02INGB0123456789/BIC/INGBNL2A\r\n"
            "/NAME/J. de Vries/REMI/Factuur INV/2026/00042/EREF/E2E-42"
        ),
    ),
    account="417164300",
    closing="15,00",
)
ABN_AMRO_OLD = mt940(
    (
        "2611201120C15,N654NONREF",
        (
            "SEPA Overboeking                 IBAN: NL02INGB0123456789\r\n"
            "BIC: INGBNL2A                    Naam: J. de Vries\r\n"
            "Omschrijving: Factuur INV/2026/00042\r\n"
            "Kenmerk: E2E-42"
        ),
    ),
    account="417164300",
    closing="15,00",
)
GERMAN = mt940(
    (
        "2611201120CR15,00N166NONREF",
        (
            "166?00GUTSCHRIFT?20EREF+E2E-42?21SVWZ+Factuur INV/2026/00?22042"
            "?30INGBNL2A?31NL02INGB0123456789?32J. de Vries"
        ),
    ),
    account="20050550/1234567890",
    closing="15,00",
)
DIALECTS = {
    "ING": ING,
    "Rabobank": RABOBANK,
    "ABN AMRO": ABN_AMRO,
    "ABN AMRO, older": ABN_AMRO_OLD,
    "German": GERMAN,
}
CSV = (
    b"Datum;Naam;Rekening;Af Bij;Bedrag;Mededelingen\r\n"
    b"20261120;J. de Vries;NL02INGB0123456789;Bij;15,00;Factuur INV/2026/00042\r\n"
    b'20261120;"Drukkerij; De Pers";NL20INGB0001234567;Af;"1.007,50";\r\n'
)
