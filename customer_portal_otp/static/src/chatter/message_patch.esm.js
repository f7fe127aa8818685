import {Message} from "@mail/core/common/message";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

patch(Message.prototype, {
    /** The button that unfolds what was quoted has a name (WCAG 2.1, 4.1.2). */
    prepareMessageBody(bodyEl) {
        super.prepareMessageBody(...arguments);
        for (const button of bodyEl?.querySelectorAll(".o-mail-ellipsis") || []) {
            button.setAttribute("aria-label", _t("Show or hide the rest"));
        }
    },
});
