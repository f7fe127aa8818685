import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";

/** All that is known about a receipt: its source, its items, what was exchanged. */
export class MoreInfo extends Component {
    static template = "moneybird_reconcile.MoreInfo";
    static props = {receiptId: Number};

    setup() {
        this.orm = useService("orm");
        this.state = useState({sections: []});
        onWillStart(() => this.load(this.props.receiptId));
        onWillUpdateProps((next) => this.load(next.receiptId));
    }

    async load(id) {
        this.state.sections = await this.orm.call(
            "matching.receipt",
            "action_more_info",
            [[id]]
        );
    }
}
