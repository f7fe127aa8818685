import {Component, onMounted, onWillUnmount, xml} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const SECONDS = 3;

/**
 * Looks every few seconds whether the customer has saved a method, so that the QR code
 * turns into a confirmation by itself.
 */
export class InvitationWatch extends Component {
    static template = xml`<span class="o_subscription_invitation_watch"/>`;
    static props = {...standardWidgetProps};

    setup() {
        onMounted(() => {
            this.timer = setInterval(() => this.look(), SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async look() {
        if (this.props.record.data.state !== "waiting") {
            clearInterval(this.timer);
            return;
        }
        await this.props.record.load();
    }
}

registry.category("view_widgets").add("subscription_invitation_watch", {
    component: InvitationWatch,
});
