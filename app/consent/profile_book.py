"""Every profile by name, composed with its overlays on first use."""

from collections.abc import Iterable, Iterator, Mapping

from app.consent.profile import Profile
from app.consent.profile_overlay import OVER, Overlay, under
from app.consent.profile_reading import ProfileError


class ProfileBook(Mapping[str, Profile]):
    """``id@version``, or ``id@version+overlay@version[+…]``: the profile. Lists those without an overlay.

    A name of which any part is unknown, or whose parts do not go together, is not in it: nothing leaves under it.
    """

    def __init__(self, profiles: Iterable[Profile], overlays: Iterable[Overlay] = ()) -> None:
        self._plain = {profile.name: profile for profile in profiles}
        self._known = dict(self._plain)
        self.overlays = {overlay.name: overlay for overlay in overlays}

    def __getitem__(self, name: str) -> Profile:
        """The one object of that name, so that the same profile met twice is counted once.

        Raises:
            KeyError: nothing is known by it.
        """
        found = self._known.get(name)
        return found if found is not None else self._compose(name)

    def __iter__(self) -> Iterator[str]:
        """The names without overlays."""
        return iter(self._plain)

    def __len__(self) -> int:
        """How many there are without overlays."""
        return len(self._plain)

    def _compose(self, name: str) -> Profile:
        base, over, last = name.rpartition(OVER)
        if not over or last not in self.overlays:
            raise KeyError(name)
        try:
            found = under(self[base], self.overlays[last])
        except ProfileError as error:
            raise KeyError(name) from error
        return self._known.setdefault(name, found)
