import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

const DIGITS = 8;

/**
 * The field for the code: grouped as in the mail, filled in from the mail's link.
 * Without this script the form works as well; it only looks plainer.
 */
export class SignInCode extends Interaction {
    static selector = "form.o_sign_in_code";
    dynamicContent = {
        _root: {"t-on-submit": this.onSubmit},
        "input[name=code]": {"t-on-input": this.onInput},
        _window: {"t-on-hashchange": this.fillFromLink},
    };

    setup() {
        this.inputEl = this.el.querySelector("input[name=code]");
    }

    start() {
        // Who types faster than a slow phone starts this script is not left out.
        this.onInput();
        this.fillFromLink();
    }

    /** The link of the mail: fills in and leaves the decision to the person. */
    fillFromLink() {
        const match = /^#code=(\d{8})$/.exec(window.location.hash);
        if (!match) {
            return;
        }
        this.inputEl.value = this.format(match[1]);
        const {pathname, search} = window.location;
        window.history.replaceState(window.history.state, "", pathname + search);
        this.el.querySelector("button[type=submit]").focus();
    }

    onInput() {
        const digits = this.inputEl.value.replace(/[^\d]/g, "");
        const atEnd = this.inputEl.selectionStart === this.inputEl.value.length;
        if (atEnd && digits.length <= DIGITS) {
            this.inputEl.value = this.format(digits);
        }
    }

    /** One press is enough: a second one would meet a used code. */
    onSubmit() {
        this.el.querySelector("button[type=submit]").disabled = true;
    }

    format(digits) {
        return digits.replace(/(\d{4})(?=\d)/, "$1 ");
    }
}

registry
    .category("public.interactions")
    .add("customer_portal_otp.sign_in_code", SignInCode);
