export function Logo({ size = 28 }: { readonly size?: number }) {
  return (
    <svg aria-hidden height={size} viewBox="0 0 32 32" width={size}>
      <rect fill="#0f6b7a" height="32" rx="8" width="32" />
      <path
        d="M6 13c3.3-3.4 6.7-3.4 10 0s6.7 3.4 10 0"
        fill="none"
        stroke="#fff"
        strokeLinecap="round"
        strokeWidth="2.6"
      />
      <path
        d="M6 20c3.3-3.4 6.7-3.4 10 0s6.7 3.4 10 0"
        fill="none"
        stroke="#8fe0e6"
        strokeLinecap="round"
        strokeWidth="2.6"
      />
    </svg>
  );
}
