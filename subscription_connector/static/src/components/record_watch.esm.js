import {Component, onMounted, onWillUnmount, xml} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const SECONDS = 3;

/**
 * Reads the record again every few seconds while it is in the given state, so that the
 * screen follows by itself: an invitation that is answered, a run that goes on.
 */
export class RecordWatch extends Component {
    static template = xml`<span class="o_subscription_record_watch"/>`;
    static props = {...standardWidgetProps, state: String};

    setup() {
        onMounted(() => {
            this.timer = setInterval(() => this.look(), SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async look() {
        if (this.props.record.data.state === this.props.state) {
            await this.props.record.load();
        }
    }
}

registry.category("view_widgets").add("subscription_record_watch", {
    component: RecordWatch,
    extractProps: ({attrs}) => ({state: attrs.state}),
});
