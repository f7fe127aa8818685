"""A small CAMT.053 writer, so that tests say what they mean and nothing else."""

from decimal import Decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


def detail(
    text="", amount=None, iban="", name="", structured="", end_to_end="", extra=""
):
    """One ``TxDtls``; the counterparty is the debtor (money in)."""
    parts = ["<TxDtls><Refs>"]
    if end_to_end:
        parts.append(f"<EndToEndId>{end_to_end}</EndToEndId>")
    parts.append("</Refs>")
    if amount is not None:
        parts.append(f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>')
    parts.append("<RltdPties>")
    if name:
        parts.append(f"<Dbtr><Nm>{name}</Nm></Dbtr>")
    if iban:
        parts.append(f"<DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct>")
    parts.append("</RltdPties><RmtInf>")
    if text:
        parts.append(f"<Ustrd>{text}</Ustrd>")
    if structured:
        parts.append(f"<Strd><CdtrRefInf><Ref>{structured}</Ref></CdtrRefInf></Strd>")
    parts.append(f"</RmtInf>{extra}</TxDtls>")
    return "".join(parts)


def entry(amount, *details, day="2026-11-20", ref="", status="BOOK", currency="EUR"):
    """One ``Ntry``; a negative amount is money out."""
    value = Decimal(amount)
    direction = "DBIT" if value < 0 else "CRDT"
    servicer = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{abs(value)}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{servicer}"
        f"<NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    )


def statement(
    *entries,
    iban="NL91ABNA0417164300",
    identifier="S1",
    opening="0.00",
    closing="0.00",
    currency="EUR",
    summary="",
):
    """One ``Stmt``."""

    def balance(code, amount):
        value = Decimal(amount)
        direction = "DBIT" if value < 0 else "CRDT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="{currency}">{abs(value)}</Amt>'
            f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
        )

    return (
        f"<Stmt><Id>{identifier}</Id>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{balance('OPBD', opening)}{balance('CLBD', closing)}{summary}"
        f"{''.join(entries)}</Stmt>"
    )


def camt(*statements, encoding="UTF-8", prolog=""):
    """A whole file as bytes."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n{prolog}'
        f'<Document xmlns="{NAMESPACE}">\n<BkToCstmrStmt>\n'
        "<GrpHdr><MsgId>M1</MsgId></GrpHdr>\n"
        + "\n".join(statements)
        + "\n</BkToCstmrStmt>\n</Document>\n"
    )
    return text.encode(encoding)
