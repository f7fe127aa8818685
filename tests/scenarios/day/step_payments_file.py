"""The bank's side of the day: a CAMT.053 file as ABN AMRO would deliver it."""

import datetime
from decimal import Decimal
from xml.sax.saxutils import escape

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
OPENING = Decimal("1842.17")


def make_file(account, lines, day):
    """Return a statement of one day as bytes; the same lines give the same bytes.

    :param account: IBAN of the club
    :param lines: dicts with ``amount`` (text), ``name``, ``iban``, and ``text`` or
        ``structured``
    :param day: ``datetime.date`` of the bookings
    """
    total = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
    entries = "".join(_entry(number, line, day) for number, line in enumerate(lines, 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>ABN-{day:%Y%m%d}</MsgId></GrpHdr>\n"
        f"<Stmt><Id>{day:%Y}-{day.timetuple().tm_yday:03}</Id>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
        f"{_balance('OPBD', OPENING, day - datetime.timedelta(days=1))}"
        f"{_balance('CLBD', OPENING + total, day)}{entries}"
        "</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def _balance(code, amount, day):
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _entry(number, line, day):
    amount = Decimal(line["amount"])
    is_in = amount >= 0
    party = "Dbtr" if is_in else "Cdtr"
    remittance = (
        f"<Strd><CdtrRefInf><Ref>{escape(line['structured'])}</Ref></CdtrRefInf></Strd>"
        if line.get("structured")
        else f"<Ustrd>{escape(line['text'])}</Ustrd>"
    )
    return (
        f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">{abs(amount)}</Amt>'
        f"<CdtDbtInd>{'CRDT' if is_in else 'DBIT'}</CdtDbtInd><Sts>BOOK</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>{day:%y%m%d}{number:05}</AcctSvcrRef>"
        "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"<RltdPties><{party}><Nm>{escape(line['name'])}</Nm></{party}>"
        f"<{party}Acct><Id><IBAN>{line['iban']}</IBAN></Id></{party}Acct></RltdPties>"
        f"<RmtInf>{remittance}</RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )
