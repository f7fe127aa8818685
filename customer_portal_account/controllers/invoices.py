from odoo.exceptions import ValidationError
from odoo.http import request, route

from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.addons.account_payment.controllers.portal import PortalAccount

from ..models.res_partner_home import PAYABLE

MAX_INVOICES = 50


class MemberInvoices(PortalAccount):
    """Several invoices in one payment, chosen by the member."""

    def _prepare_my_invoices_values(self, *args, **kwargs):
        """Override of `_prepare_my_invoices_values` to lead on to the orders."""
        values = super()._prepare_my_invoices_values(*args, **kwargs)
        return values | {"has_orders": self._has_orders()}

    def _has_orders(self):
        """Whether to lead on to the orders, where Odoo's sales are installed.

        Sudo: nothing but whether there is one leaves here, and the rules of orders cost
        more than the question.
        """
        if "sale.order" not in request.env:
            return False
        partner = request.env.user.partner_id
        mine = (partner | partner.commercial_partner_id).ids
        domain = [("partner_id", "in", mine), ("state", "=", "sale")]
        return bool(request.env["sale.order"].sudo().search_count(domain, limit=1))

    @route(
        "/my/invoices/pay",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def portal_my_invoices_pay(self, invoice_ids="", **kwargs):
        """Choose among the open invoices, see the sum, pay it.

        :param str invoice_ids: ids of the chosen ones, joined by ``-``; a form sends
            them as ``invoice``, one by one
        """
        chosen_ids = request.httprequest.args.getlist("invoice")
        payable = get_payable_invoices()
        chosen = payable.filtered(
            lambda invoice: str(invoice.id) in (chosen_ids or invoice_ids.split("-"))
        )
        values = self._prepare_portal_layout_values() | {
            "page_name": "invoices_pay",
            "payable": payable,
            "chosen": chosen,
            "is_mixed": is_mixed(chosen),
        }
        if chosen and not values["is_mixed"]:
            values |= self._prepare_pay_values(chosen)
        return request.render("customer_portal_account.portal_invoices_pay", values)

    def _prepare_pay_values(self, chosen):
        ids = "-".join(map(str, chosen.ids))
        total = sum(chosen.mapped("amount_residual"))
        return {
            "amount": total,
            **self._get_common_page_view_values(
                invoices_data={
                    "partner": chosen[0].partner_id,
                    "company": chosen[0].company_id,
                    "total_amount": total,
                    "currency": chosen[0].currency_id,
                    "amount_residual": total,
                    "payment_reference": get_reference(chosen),
                    "landing_route": "/my/invoices",
                    "transaction_route": f"/my/invoices/pay/transaction/{ids}",
                },
            ),
        }


class MemberInvoicesPayment(PaymentPortal):
    @route(
        "/my/invoices/pay/transaction/<string:invoice_ids>",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def portal_my_invoices_transaction(self, invoice_ids, **kwargs):
        """Make the transaction that pays the chosen invoices.

        The amount is that of the invoices now, whatever the page said when it was
        opened.

        :raises ValidationError: none of them can be paid, or not together
        """
        wanted = invoice_ids.split("-")
        chosen = get_payable_invoices().filtered(
            lambda invoice: str(invoice.id) in wanted
        )
        if not chosen or len(chosen) != len(set(wanted)) or is_mixed(chosen):
            raise ValidationError(
                request.env._("These invoices cannot be paid together any more.")
            )
        # The form sends both; here neither of them says anything.
        kwargs.pop("access_token", None)
        kwargs.pop("payment_reference", None)
        self._validate_transaction_kwargs(kwargs)
        kwargs["amount"] = sum(chosen.mapped("amount_residual"))
        return self._process_transaction(
            request.env.user.partner_id.id,
            chosen.currency_id.id,
            chosen.ids,
            get_reference(chosen),
            **kwargs,
        )


def get_payable_invoices():
    """Return the open invoices that the visitor sees and may pay, oldest first."""
    found = request.env["account.move"].search(
        PAYABLE,
        order="invoice_date_due, id",
        limit=MAX_INVOICES,
    )
    # Sudo: members do not read transactions; only whether one is on its way counts.
    return found.filtered(lambda invoice: invoice.sudo()._has_to_be_paid())


def is_mixed(invoices):
    """Whether one payment cannot pay them: other currency, company or payer."""
    return any(len(invoices[name]) > 1 for name in ("currency_id", "company_id"))


def get_reference(invoices):
    """Return what the transaction is called after: the number, or one for all."""
    if len(invoices) == 1:
        return invoices.name
    # Sudo: members do not draw numbers of the company.
    return invoices.company_id.sudo().get_next_batch_payment_communication()
