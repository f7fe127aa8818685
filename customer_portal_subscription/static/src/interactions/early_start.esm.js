import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

/** The box at the checkout: kept at once, closed while that lasts. */
export class EarlyStart extends Interaction {
    static selector = ".o_early_start";
    dynamicContent = {
        "#early_start": {
            "t-on-change": this.onChange,
            "t-att-disabled": () => this.isSaving,
        },
        ".o_early_start_failed": {"t-att-class": () => ({"d-none": !this.hasFailed})},
    };

    setup() {
        this.isSaving = false;
        this.hasFailed = false;
    }

    /** What the box shows is what is kept, also when keeping it failed. */
    async onChange() {
        const box = this.el.querySelector("#early_start");
        const isRequested = box.checked;
        this.isSaving = true;
        this.updateContent();
        // What it was before, if the server cannot be asked.
        let isKept = !isRequested;
        try {
            isKept = await this.waitFor(
                rpc("/shop/early_start", {is_requested: isRequested})
            );
            this.hasFailed = isKept !== isRequested;
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
    .add("customer_portal_subscription.early_start", EarlyStart);
