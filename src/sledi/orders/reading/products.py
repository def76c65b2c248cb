"""Products as somebody may read them: those of the catalogue he sees, and what his own items were copied from."""

from sledi.accounts.access import Access
from sledi.catalogue import queries as catalogue
from sledi.catalogue.models import Product
from sledi.catalogue.refusals import NoSuchProduct
from sledi.core.workflow import Workflow
from sledi.orders import queries
from sledi.orders.reading.expecting import preparing
from sledi.orders.reading.shapes import Processing


def product_of(access: Access, code: str) -> Product:
    """A product by its code; off sale also for whoever may see an item of it. Raises NoSuchProduct."""
    try:
        return catalogue.product_of(access, code)
    except NoSuchProduct:
        if not catalogue.is_code(code):
            raise
        found = Product.objects.filter(business=access.business, code__iexact=code).first()
        if found is None or not queries.visible_items(access).filter(product_code=found.code).exists():
            raise
        return found


def promised_of(product: Product, workflow: Workflow) -> Processing | None:
    """The time it takes to prepare it, and what it is called; None where nobody said. No query."""
    return preparing(product.processing_days_max, product.processing_days_min, product.marks, workflow)
