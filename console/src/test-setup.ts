// Cloudscape asks for media queries, which jsdom does not have.
if (typeof window !== 'undefined')
  window.matchMedia = (query: string) =>
    ({
      matches: false,
      media: query,
      addEventListener: () => {},
      removeEventListener: () => {},
    }) as unknown as MediaQueryList
