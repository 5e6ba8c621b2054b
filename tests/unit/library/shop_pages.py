"""Pages of a shop of this test's own, as small as the mark-up allows."""

from html import escape

HERE = "http://loja.example/catalogue/dom-casmurro_7/index.html"
LIST = "http://loja.example/catalogue/page-2.html"

_CARD = """
<li><article class="product_pod">
<div class="image_container"><a href="{href}"><img src="../media/{number}.jpg" alt="x"></a></div>
<p class="star-rating One"></p>
<h3><a href="{href}" title="Título {number} inteiro">Título {number} ...</a></h3>
<div class="product_price"><p class="price_color">£1.00</p>
<p class="instock availability"> In stock </p></div>
</article></li>"""


def book_page(
    *,
    title: str = "Dom Casmurro & outras histórias",
    price: str = "R$ 1.234,56",
    stars: str = "star-rating Four",
    stock: str = "In stock (22 available)",
    upc: str = "a897fe39b1053632",
    category: str = "Romance",
    image: str = "../../media/cache/fe/fe72.jpg",
    description: str | None = "Um ciumento\n   conta a sua\xa0vida.",
) -> str:
    told = (
        ""
        if description is None
        else f'<div id="product_description"><h2>Product Description</h2></div>\n'
        f"<p>{escape(description)}</p>"
    )
    return f"""<!DOCTYPE html>
<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8" /></head><body>
<ul class="breadcrumb"><li><a href="../../index.html">Home</a></li>
<li><a href="../category/books_1/index.html">Books</a></li>
<li><a href="../category/books/romance_8/index.html">{escape(category)}</a></li>
<li class="active">{escape(title)}</li></ul>
<article class="product_page">
<div id="product_gallery"><img src="{image}" alt="x" /></div>
<div class="col-sm-6 product_main"><h1>{escape(title)}</h1>
<p class="price_color">{price}</p>
<p class="instock availability"><i class="icon-ok"></i>

        {stock}
</p>
<p class="{stars}"><i class="icon-star"></i></p></div>
{told}
<table class="table table-striped">
<tr><th>UPC</th><td>{upc}</td></tr><tr><th>Product Type</th><td>Books</td></tr></table>
<ul class="row">{_CARD.format(href="../outro_3/index.html", number=3)}</ul>
</article></body></html>"""


def listing_page(
    numbers: range = range(1, 4),
    *,
    count: str = "<strong>30</strong> results - showing <strong>4</strong> to <strong>6</strong>.",
    pager: str = '<li class="current">Page 2 of 10</li>'
    '<li class="next"><a href="page-3.html">next</a></li>',
) -> str:
    cards = "".join(
        _CARD.format(href=f"livro_{number}/index.html", number=number) for number in numbers
    )
    return f"""<!DOCTYPE html><html><body>
<form method="get" class="form-horizontal"><div style="display:none"></div>{count}</form>
<section><ol class="row">{cards}</ol><ul class="pager">{pager}</ul></section></body></html>"""
