"""The club's own website: colours, fonts, a home page that leads to the plans."""

import re

from lxml import etree

from .words import CARDS, LANGUAGES, read

PALETTE_FILE = "/website/static/src/scss/options/colors/user_color_palette.scss"
VALUES_FILE = "/website/static/src/scss/options/user_values.scss"
PALETTE = {
    "o-color-1": "#1F6F54",
    "o-color-2": "#F2B544",
    "o-color-3": "#F3F6F4",
    "o-color-4": "#FFFFFF",
    "o-color-5": "#14213D",
}
# The fonts of the visitor's own device: nothing is loaded from elsewhere.
FONTS = {"font": "'SYSTEM_FONTS'", "headings-font": "'SYSTEM_FONTS'"}

HOME = """
<t name="Home" t-name="website.homepage">
    <t t-call="website.layout" pageName.f="homepage">
        <div id="wrap" class="oe_structure">
            <section class="s_banner o_cc o_cc5 pt96 pb96" data-snippet="s_banner">
                <div class="container">
                    <h1 class="display-3">Sport together in De Bilt</h1>
                    <p class="lead">Football, athletics and a warm clubhouse, for
                        young and old. Join today, leave when you like.</p>
                    <p class="mb-0">
                        <a class="btn btn-secondary btn-lg mb-2" href="/shop">Become a
                            member</a>
                        <a class="btn btn-outline-light btn-lg mb-2" href="/my">My
                            membership</a>
                    </p>
                </div>
            </section>
            <section class="o_cc o_cc1 pt64 pb64">
                <div class="container">
                    <h2 class="text-center mb-5">Choose what suits you</h2>
                    <div class="row g-4" id="plans"/>
                </div>
            </section>
            <section class="o_cc o_cc2 pt48 pb48">
                <div class="container text-center">
                    <h2>Already a member?</h2>
                    <p class="lead">Sign in with a code that we mail you: no password
                        needed. See your invoices, change your payment method, pause
                        or cancel.</p>
                    <a class="btn btn-primary btn-lg" href="/my">Sign in</a>
                </div>
            </section>
        </div>
    </t>
</t>
"""
CARD = """
<div class="col-md-4">
    <div class="card h-100 text-center">
        <img class="card-img-top bg-white p-4" style="height: 12rem;
             object-fit: contain;" alt="" src="{image}"/>
        <div class="card-body">
            <h3 class="h4 card-title">{title}</h3>
            <p class="card-text">{text}</p>
        </div>
        <div class="card-footer bg-transparent border-0 pb-4">
            <a class="btn btn-primary" href="{url}">View</a>
        </div>
    </div>
</div>
"""
FOOTER = """
<data inherit_id="website.layout" name="Default">
    <xpath expr="//div[@id='footer']" position="replace">
        <div id="footer" class="oe_structure oe_structure_solo border text-break"
             t-ignore="true" t-if="not no_footer">
            <section class="s_text_block pt40 pb16">
                <div class="container">
                    <div class="row">
                        <div class="col-md-4 pb24">
                            <h5 t-out="res_company.name"/>
                            <p>A club of volunteers since 1931, for everyone who likes
                                to move.</p>
                        </div>
                        <div class="col-md-4 pb24">
                            <h5>Quickly to</h5>
                            <ul class="list-unstyled">
                                <li><a href="/shop">Become a member</a></li>
                                <li><a href="/my">My membership</a></li>
                                <li><a href="/contactus">Contact us</a></li>
                            </ul>
                        </div>
                        <div class="col-md-4 pb24">
                            <h5>Contact</h5>
                            <address class="mb-0">
                                <t t-out="res_company.street"/><br/>
                                <t t-out="res_company.zip"/>
                                <t t-out="res_company.city"/><br/>
                                <a t-attf-href="tel:{{res_company.phone}}"
                                   t-out="res_company.phone"/><br/>
                                <a t-attf-href="mailto:{{res_company.email}}"
                                   t-out="res_company.email"/>
                            </address>
                        </div>
                    </div>
                </div>
            </section>
        </div>
    </xpath>
</data>
"""
CALL = """
<data inherit_id="website.placeholder_header_call_to_action" name="Call to action">
    <xpath expr="." position="inside">
        <li t-attf-class="#{_item_class}">
            <div t-attf-class="oe_structure oe_structure_solo #{_div_class}">
                <section class="oe_unremovable oe_unmovable s_text_block">
                    <div class="container">
                        <a href="/shop"
                           class="oe_unremovable btn btn-primary btn_cta">Become a
                            member</a>
                    </div>
                </section>
            </div>
        </li>
    </xpath>
</data>
"""
COPYRIGHT = """
<data inherit_id="website.layout">
    <xpath expr="//footer//span[hasclass('o_footer_copyright_name')]"
           position="replace">
        <span class="o_footer_copyright_name me-2 small">© <t
            t-out="res_company.name"/></span>
    </xpath>
</data>
"""
_SPACES = re.compile(r"\s+")


def load(env, plans):
    """Give the website of the main company the club's look and words.

    :param plans: dict of ``subscription.plan`` by code, each with a product on sale
    """
    website = env.ref("website.default_website")
    env = env(context={**env.context, "website_id": website.id})
    assets = env["website.assets"]
    assets.make_scss_customization(PALETTE_FILE, dict(PALETTE))
    assets.make_scss_customization(VALUES_FILE, dict(FONTS))
    _write(env, "website.homepage", _home(plans))
    _write(env, "website.footer_custom", FOOTER)
    _write(env, "website.footer_copyright_company_name", COPYRIGHT)
    _write(env, "website.header_call_to_action", CALL)
    env.ref("website.header_text_element").active = False
    # Odoo promises money back for 30 days and goods within three: not for a membership.
    env.ref("website_sale.product_terms_and_conditions").active = False


def _home(plans):
    """Return the home page with a card for each plan."""
    page = etree.fromstring(HOME)
    row = page.find(".//div[@id='plans']")
    for code, plan in plans.items():
        product = plan.line_ids.product_id.product_tmpl_id[:1]
        card = CARD.format(
            image=f"/web/image/product.template/{product.id}/image_512",
            title=product.name,
            text=CARDS[code],
            url=product.website_url,
        )
        row.append(etree.fromstring(card))
    return etree.tostring(page, encoding="unicode")


def _write(env, xmlid, arch):
    """Write a template for the club's website only, in four languages."""
    root = etree.fromstring(arch)
    for node in root.iter():
        # A term is matched as it is written: without the line breaks of this file.
        node.text = _SPACES.sub(" ", node.text) if node.text else node.text
        node.tail = _SPACES.sub(" ", node.tail) if node.tail else node.tail
    key = env.ref(xmlid).key
    env.ref(xmlid).arch = etree.tostring(root, encoding="unicode")
    website = env.context["website_id"]
    view = env["ir.ui.view"].search(
        [("key", "=", key), ("website_id", "=", website)], limit=1
    )
    words = read()
    terms = {text.strip() for text in root.itertext()} & words.keys()
    for lang in LANGUAGES:
        view.update_field_translations(
            "arch_db", {lang: {term: words[term][lang] for term in terms}}
        )
