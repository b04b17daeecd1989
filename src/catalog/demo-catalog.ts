import type { CatalogProduct } from '../domain/product.ts';

/** A product of the demonstration shop together with its first stock. */
export interface DemoProduct extends CatalogProduct {
  /** Units on hand when the shop opens. */
  readonly stock: number;
}

/** Enough that a load test never sells out by accident. */
const plenty = 5_000_000;

type Entry = Omit<DemoProduct, 'imageUrl' | 'active'>;

const entries: readonly Entry[] = [
  {
    sku: 'tent-4p',
    name: 'Sundown Four-Person Tent',
    description:
      'A roomy canvas tent for four with a candy-striped roof, real windows and a door that ties all the way back. One person can pitch it before the kettle boils.',
    category: 'Outdoors',
    priceCents: 19_999,
    stock: plenty,
  },
  {
    sku: 'backpack-28l',
    name: 'Larkspur Day Pack, 28 L',
    description:
      'A sturdy pack with two buckles, a side pocket for your bottle and a striped sleeping mat strapped underneath. Big enough for a weekend, light enough for the bus.',
    category: 'Outdoors',
    priceCents: 8_950,
    stock: plenty,
  },
  {
    sku: 'storm-lantern',
    name: 'Harbor Storm Lantern',
    description:
      'A classic oil lantern that keeps its flame in the wind. One filling gives about twenty hours of warm light.',
    category: 'Outdoors',
    priceCents: 3_499,
    stock: plenty,
  },
  {
    sku: 'picnic-basket',
    name: 'Long Lunch Picnic Basket',
    description:
      'A hand-woven willow basket with a cotton gingham cloth. Holds lunch for four and one bottle; the food is up to you.',
    category: 'Outdoors',
    priceCents: 5_900,
    stock: 12,
  },
  {
    sku: 'kettle-enamel',
    name: 'Daisy Enamel Kettle',
    description:
      'A two-quart stovetop kettle in pistachio enamel with a cool beechwood grip. It sings softly when it is ready.',
    category: 'Kitchen',
    priceCents: 5_450,
    stock: plenty,
  },
  {
    sku: 'dutch-oven',
    name: 'Sunday Dutch Oven, 5 qt',
    description:
      'Heavy cast iron in deep raspberry enamel, for stews, roasts and crusty bread. Goes from stove to oven to table.',
    category: 'Kitchen',
    priceCents: 12_900,
    stock: plenty,
  },
  {
    sku: 'awning-mug',
    name: 'Market Awning Mug',
    description:
      'Our own stoneware mug with the shop awning around the rim. Holds a generous twelve ounces; marshmallows not included.',
    category: 'Kitchen',
    priceCents: 1_450,
    stock: plenty,
  },
  {
    sku: 'honey-jar',
    name: 'Rooftop Wildflower Honey',
    description:
      'Raw honey from hives above the neighborhood, one pound, with a wooden dipper. It tastes of linden and clover.',
    category: 'Kitchen',
    priceCents: 1_195,
    stock: plenty,
  },
  {
    sku: 'reading-chair',
    name: 'Long Chapter Reading Chair',
    description:
      'A deep, buttoned armchair in soft mint velvet on solid oak legs. Comes with the striped pillow and the throw.',
    category: 'Home',
    priceCents: 39_999,
    stock: 3,
  },
  {
    sku: 'fig-candle',
    name: 'Fig & Amber Candle',
    description:
      'A soy candle in a glass you will want to keep. Ripe fig, a little amber, and about forty quiet hours.',
    category: 'Home',
    priceCents: 1_875,
    stock: plenty,
  },
  {
    sku: 'wool-throw',
    name: 'Orchard Wool Throw',
    description:
      'Soft lambswool in a raspberry and mint plaid, with a hand-knotted fringe. Fifty by seventy inches, enough for two.',
    category: 'Home',
    priceCents: 7_950,
    stock: plenty,
  },
  {
    sku: 'desk-lamp',
    name: 'Lean-In Desk Lamp',
    description:
      'A balanced steel lamp that stays exactly where you put it. Warm, dimmable light and a base heavy enough for late chapters.',
    category: 'Desk',
    priceCents: 6_499,
    stock: plenty,
  },
  {
    sku: 'pencil-cup',
    name: 'Six Pencils in a Striped Cup',
    description:
      'Six soft cedar coloring pencils and an eraser in a little tin bucket. A desk looks better at once.',
    category: 'Desk',
    priceCents: 1_699,
    stock: plenty,
  },
  {
    sku: 'alarm-clock',
    name: 'Early Bird Alarm Clock',
    description:
      'Two real bells, a quiet movement and hands that glow in the dark. Nobody sleeps through it twice.',
    category: 'Desk',
    priceCents: 2_999,
    stock: 7,
  },
  {
    sku: 'watering-can',
    name: 'Strawberry Patch Watering Can',
    description:
      'A galvanized can with a fine brass rose that rains gently on seedlings. Holds one gallon and pours without a drip.',
    category: 'Garden',
    priceCents: 3_275,
    stock: plenty,
  },
  {
    sku: 'bird-house',
    name: 'Goldfinch Lane Birdhouse',
    description:
      'A cedar house with a shingled roof that keeps the rain out. The back opens for spring cleaning; tenants usually arrive by May.',
    category: 'Garden',
    priceCents: 4_250,
    stock: plenty,
  },
  {
    sku: 'wildflower-seeds',
    name: 'Front Yard Wildflower Seeds',
    description:
      'Twelve easy annuals for sun and poor soil, enough for forty square feet. Scatter, water, and wait for the bees.',
    category: 'Garden',
    priceCents: 499,
    stock: plenty,
  },
  {
    sku: 'diamond-kite',
    name: 'Fair Wind Diamond Kite',
    description:
      'A bright ripstop kite that lifts in a light breeze, with a bow tail and a hundred yards of line. Ready to fly in two minutes.',
    category: 'Play',
    priceCents: 2_250,
    stock: plenty,
  },
  {
    sku: 'wooden-train',
    name: 'Pocket Valley Wooden Engine',
    description:
      'A solid beech engine with rolling wheels and water-based paint, made to be handed down. For ages two and up.',
    category: 'Play',
    priceCents: 2_799,
    stock: plenty,
  },
  {
    sku: 'ukulele',
    name: 'Porch Song Ukulele',
    description:
      'A concert ukulele with a warm mahogany voice and strings that stay in tune. Three chords and you have a song.',
    category: 'Play',
    priceCents: 8_499,
    stock: 0,
  },
];

/** The products of the demonstration shop: most without end, three scarce, one sold out. */
export const demoCatalog: readonly DemoProduct[] = entries.map((entry) => ({
  ...entry,
  imageUrl: `/images/${entry.sku}.svg`,
  active: true,
}));
