import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/** The button for a new code, closed until the minute is over; shows how long. */
export class SignInResend extends Interaction {
    static selector = "form.o_sign_in_resend";
    dynamicContent = {
        "button[type=submit]": {"t-att-disabled": () => this.left > 0},
        ".o_sign_in_wait": {"t-att-class": () => ({"d-none": this.left <= 0})},
        ".o_sign_in_seconds": {"t-out": () => String(this.left)},
    };

    setup() {
        const seconds = parseInt(this.el.dataset.wait, 10) || 0;
        this.end = Date.now() + seconds * 1000;
        this.left = seconds;
    }

    start() {
        this.tick();
    }

    tick() {
        this.left = Math.max(0, Math.ceil((this.end - Date.now()) / 1000));
        if (this.left > 0) {
            this.waitForTimeout(this.tick, 1000);
        }
        this.updateContent();
    }
}

registry
    .category("public.interactions")
    .add("customer_portal_otp.sign_in_resend", SignInResend);
