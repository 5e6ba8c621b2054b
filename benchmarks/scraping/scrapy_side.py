"""The same crawl by Scrapy: the same eleven fields of each book, into JSON lines.

    python -m benchmarks.scraping.scrapy_side URL CONCURRENCY FILE LOOP

It prints one JSON object: pages, seconds between the engine's start and its end, seconds of the
processor, bytes of the answers, peak memory of the process.
"""

import re
import sys
import time
from collections.abc import Iterator
from typing import Any

import orjson
import scrapy
from benchmarks.scraping.memory import peak_mb
from scrapy.crawler import CrawlerProcess

_STARS = {"One": 1, "Two": 2, "Three": 3, "Four": 4, "Five": 5}
_PRICE = re.compile(r"(R\$|[£$€])(\d+)\.(\d\d)")
_CURRENCIES = {"R$": "BRL", "£": "GBP", "$": "USD", "€": "EUR"}
_STOCK = re.compile(r"\((\d+) available\)")


class Books(scrapy.Spider):
    """Walks the list from the shop's first page, and reads every book's page."""

    name = "books"

    def parse(self, response: Any) -> Iterator[Any]:
        """Follow a list's books and its next page."""
        yield from response.follow_all(css="article.product_pod h3 a", callback=self.parse_book)
        yield from response.follow_all(css="li.next a", callback=self.parse)

    def parse_book(self, response: Any) -> Iterator[dict[str, Any]]:
        """Read one book's page."""
        main = response.css("div.product_main")
        price = _PRICE.search(main.css("p.price_color::text").get())
        if price is None:
            raise ValueError(f"no price on {response.url}")
        symbol, units, cents = price.groups()
        stock = _STOCK.search(" ".join(main.css("p.availability::text").getall()))
        stars = main.css("p.star-rating::attr(class)").get().split()[1]
        description = response.css("#product_description + p::text").get() or ""
        yield {
            "upc": response.xpath("//tr[th='UPC']/td/text()").get(),
            "url": response.url,
            "titulo": " ".join(main.css("h1::text").get().split()),
            "preco_centavos": int(units) * 100 + int(cents),
            "moeda": _CURRENCIES[symbol],
            "rating": _STARS[stars],
            "disponibilidade": stock is not None and stock[1] != "0",
            "estoque": int(stock[1]) if stock else 0,
            "categoria": response.css("ul.breadcrumb li a::text").getall()[-1].strip(),
            "imagem": response.urljoin(response.css("#product_gallery img::attr(src)").get()),
            "descricao": " ".join(description.split()),
        }


def main() -> None:
    """Crawl once, and print the figures."""
    url, concurrency, file, loop = sys.argv[1:]
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": int(concurrency),
            "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrency),
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": True,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
            "ASYNCIO_EVENT_LOOP": "uvloop.Loop" if loop == "uvloop" else None,
            "FEEDS": {file: {"format": "jsonlines", "overwrite": True}},
        }
    )
    crawler = process.create_crawler(Books)
    process.crawl(crawler, start_urls=[url])
    started = time.process_time()
    process.start()
    stats = crawler.stats.get_stats()
    figures = {
        "pages": stats.get("response_received_count", 0) - 1,  # robots.txt
        "seconds": stats["elapsed_time_seconds"],
        "cpu_s": time.process_time() - started,
        "bytes": stats["downloader/response_bytes"],
        "peak_mb": peak_mb(),
    }
    print(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main()
