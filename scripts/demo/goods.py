"""What the demonstration shop sells, and the names of its customers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    product_id: str
    category: str
    price: int
    """In hundredths of the currency's unit."""


PRODUCTS = (
    Product("tea-assam-250g", "tea", 890),
    Product("tea-darjeeling-100g", "tea", 1_290),
    Product("tea-earl-grey-250g", "tea", 950),
    Product("tea-green-sencha-100g", "tea", 1_150),
    Product("tea-rooibos-250g", "tea", 790),
    Product("coffee-espresso-1kg", "coffee", 2_450),
    Product("coffee-filter-500g", "coffee", 1_350),
    Product("coffee-decaf-500g", "coffee", 1_490),
    Product("chocolate-dark-100g", "sweets", 450),
    Product("biscuits-almond-200g", "sweets", 520),
    Product("honey-acacia-500g", "sweets", 990),
    Product("cup-porcelain", "tableware", 1_690),
    Product("teapot-glass-1l", "tableware", 3_900),
    Product("teapot-cast-iron", "tableware", 7_900),
    Product("kettle-steel", "kitchen", 5_490),
    Product("coffee-grinder", "kitchen", 8_900),
)
NAMES = (
    "ada",
    "amy",
    "ann",
    "bea",
    "carl",
    "dan",
    "emil",
    "eric",
    "fay",
    "flo",
    "gil",
    "gus",
    "hana",
    "ida",
    "ivan",
    "jane",
    "kai",
    "lara",
    "leo",
    "lily",
    "luis",
    "mark",
    "mia",
    "nick",
    "noah",
    "olga",
    "otto",
    "pia",
    "rosa",
    "sam",
    "sue",
    "tina",
    "ugo",
    "vera",
    "walt",
    "yara",
    "zoe",
)
CITIES = ("Amsterdam", "Berlin", "Bristol", "Chicago", "Dublin", "Lyon", "Madrid", "Milan", "Oslo", "Porto", "Toronto")
