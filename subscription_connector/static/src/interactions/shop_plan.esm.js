import {WebsiteSale} from "@website_sale/interactions/website_sale";
import {patch} from "@web/core/utils/patch";

patch(WebsiteSale.prototype, {
    /**
     * Send the chosen plan along when the product goes into the cart.
     *
     * @param {HTMLFormElement} form
     */
    _updateRootProduct(form) {
        super._updateRootProduct(...arguments);
        const choice = form.querySelector('input[name="subscription_plan_id"]:checked');
        if (choice && choice.value) {
            this.rootProduct.subscription_plan_id = parseInt(choice.value);
        }
    },
});
