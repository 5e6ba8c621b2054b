"""What all pages of the shop have in common: head, header, footer, the small card of a book.

The elements, their nesting, classes, ids and the labels that programs look for are those of
books.toscrape.com, so that what reads one shop reads the other. The files that the head names are
not there: nobody looks at these pages for their beauty.
"""

from collections.abc import Iterable
from html import escape

from praca.library.bookshop.books import ShopBook, price_text

__all__ = ["availability", "breadcrumb", "cards", "notice", "page", "stars"]

_SHOP = "Livraria da Praça"
_NUMBERS = ("Zero", "One", "Two", "Three", "Four", "Five")
_NOTICE = (
    '<div class="alert alert-warning" role="alert"><strong>Warning!</strong> Esta é uma loja de '
    "demonstração. Preços e estrelas foram sorteados e nada significam.</div>"
)
_TITLE_WORDS = 4
_STAR_ICONS = '<i class="icon-star"></i>\n' * 5


def page(*, title: str, up: str, body: str, description: str = "") -> bytes:
    """Return a whole page.

    Args:
        title: of the document, as text.
        up: the way from the page's folder to the root of the shop: empty, or ``../`` repeated.
        body: mark-up between header and footer.
        description: of the document, as text.
    """
    return f"""<!DOCTYPE html>

<!--[if lt IE 7]>      <html lang="pt-br" class="no-js lt-ie9 lt-ie8 lt-ie7"> <![endif]-->
<!--[if IE 7]>         <html lang="pt-br" class="no-js lt-ie9 lt-ie8"> <![endif]-->
<!--[if IE 8]>         <html lang="pt-br" class="no-js lt-ie9"> <![endif]-->
<!--[if gt IE 8]><!--> <html lang="pt-br" class="no-js"> <!--<![endif]-->
<head>
<title>
    {escape(title)} | {_SHOP}
</title>
<meta http-equiv="content-type" content="text/html; charset=utf-8" />
<meta name="created" content="1st Jan 2026 00:00" />
<meta name="description" content="{escape(description)}" />
<meta name="viewport" content="width=device-width" />
<meta name="robots" content="NOARCHIVE,NOCACHE" />
<link rel="shortcut icon" href="{up}static/oscar/favicon.ico" />
<link rel="stylesheet" type="text/css" href="{up}static/oscar/css/styles.css" />
<link rel="stylesheet" href="{up}static/oscar/js/bootstrap-datetimepicker/\
bootstrap-datetimepicker.css" />
<link rel="stylesheet" type="text/css" href="{up}static/oscar/css/datetimepicker.css" />
</head>
<body id="default" class="default">
<header class="header container-fluid">
<div class="page_inner">
<div class="row">
<div class="col-sm-8 h1"><a href="{up}index.html">{_SHOP}</a><small> Livros de exemplo</small>
</div>
</div>
</div>
</header>
<div class="container-fluid page">
<div class="page_inner">
{body}
</div><!-- /page_inner -->
</div><!-- /container-fluid -->
<footer class="footer container-fluid">
</footer>
</body>
</html>
""".encode()


def breadcrumb(links: Iterable[tuple[str, str]], here: str) -> str:
    """Return the way to a page: pairs of address and name, then the page's own name."""
    ways = "".join(f'<li>\n<a href="{href}">{escape(name)}</a>\n</li>\n' for href, name in links)
    return f'<ul class="breadcrumb">\n{ways}<li class="active">{escape(here)}</li>\n</ul>'


def stars(rating: int) -> str:
    """Return the opening tag and the icons of a rating; the caller closes the paragraph."""
    return f'<p class="star-rating {_NUMBERS[rating]}">\n{_STAR_ICONS}'


def availability(text: str, *, is_in_stock: bool) -> str:
    """Return the paragraph that tells whether a book can be bought."""
    shown, icon = ("instock", "ok") if is_in_stock else ("outofstock", "remove")
    return (
        f'<p class="{shown} availability">\n<i class="icon-{icon}"></i>\n    \n'
        f"        {text}\n    \n</p>"
    )


def cards(books: Iterable[ShopBook], *, to_catalogue: str, to_root: str, columns: str) -> str:
    """Return the list items of small cards, as listings and product pages show them.

    Args:
        books: in the order shown.
        to_catalogue: the way from the page's folder to ``catalogue/``.
        to_root: the way from the page's folder to the root of the shop.
        columns: last class of each item, its width on wide screens.
    """
    return "".join(
        _card(book, f"{to_catalogue}{book.folder}/index.html", to_root, columns) for book in books
    )


def _card(book: ShopBook, href: str, to_root: str, columns: str) -> str:
    title = escape(book.titulo)
    in_stock = book.estoque > 0
    shown = availability("In stock" if in_stock else "Out of stock", is_in_stock=in_stock)
    return f"""<li class="col-xs-6 col-sm-4 col-md-3 {columns}">
<article class="product_pod">
<div class="image_container">
<a href="{href}"><img src="{to_root}{book.image_path}" alt="{title}" class="thumbnail"></a>
</div>
{stars(book.rating)}</p>
<h3><a href="{href}" title="{title}">{escape(_shortened(book.titulo))}</a></h3>
<div class="product_price">
<p class="price_color">{price_text(book.preco_centavos, book.moeda)}</p>
{shown}
<form>
<button type="submit" class="btn btn-primary btn-block" data-loading-text="Adding...">\
Add to basket</button>
</form>
</div>
</article>
</li>
"""


def _shortened(title: str) -> str:
    words = title.split()
    return title if len(words) <= _TITLE_WORDS else " ".join([*words[:_TITLE_WORDS], "..."])


def notice() -> str:
    """Return the warning that every page carries."""
    return _NOTICE
