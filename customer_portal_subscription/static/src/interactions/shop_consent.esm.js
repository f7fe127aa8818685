import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

/** A box at the checkout: kept at once, closed while that lasts. */
export class ShopConsent extends Interaction {
    static selector = ".o_shop_consent";
    dynamicContent = {
        "input[type=checkbox]": {
            "t-on-change": this.onChange,
            "t-att-disabled": () => this.isSaving,
        },
        ".o_shop_consent_failed": {"t-att-class": () => ({"d-none": !this.hasFailed})},
    };

    setup() {
        this.isSaving = false;
        this.hasFailed = false;
    }

    /** What the box shows is what is kept, also when keeping it failed. */
    async onChange() {
        const box = this.el.querySelector("input[type=checkbox]");
        const isGiven = box.checked;
        this.isSaving = true;
        this.updateContent();
        // What it was before, if the server cannot be asked.
        let isKept = !isGiven;
        try {
            isKept = await this.waitFor(
                rpc("/shop/consent", {kind: box.name, is_given: isGiven})
            );
            this.hasFailed = isKept !== isGiven;
        } catch {
            this.hasFailed = true;
        }
        box.checked = isKept;
        this.isSaving = false;
        this.updateContent();
    }
}

registry
    .category("public.interactions")
    .add("customer_portal_subscription.shop_consent", ShopConsent);
