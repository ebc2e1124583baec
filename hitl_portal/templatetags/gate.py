"""Around the evidence of a card: what is folded in it, for the gate of a risky decision."""

from django import template
from django.template.base import NodeList, Parser, Token

from hitl_portal.inbox import gate

register = template.Library()


@register.tag
def evidence_zone(parser: Parser, token: Token) -> "EvidenceZone":
    """Everything up to `endevidence_zone`. Afterwards `folds` names what is folded in it, where the card is gated."""
    del token
    nodes = parser.parse(("endevidence_zone",))
    parser.delete_first_token()
    return EvidenceZone(nodes)


class EvidenceZone(template.Node):
    """The evidence as the templates in it have made it; nothing in it is changed but which folds are open."""

    def __init__(self, nodes: NodeList) -> None:
        self.nodelist = nodes

    def render(self, context: template.Context) -> str:
        html = self.nodelist.render(context)
        request = context.get("request")
        is_unfolded = request is not None and gate.UNFOLDED in request.GET
        shown, names = (gate.unfolded(html), []) if is_unfolded else gate.folded(html)
        zone = getattr(context.get("card"), "zone", None)
        context["folds"], context["is_unfolded"] = names, is_unfolded
        if zone is not None and zone.is_gated:
            asked = context["card"].requirement
            context["sealed_folds"] = gate.sealed(asked.id, asked.revision, names)
        return shown  # what a node renders is not escaped again
